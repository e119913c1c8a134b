//! Makes `CauseId` and `CheckId` from `src/causes/causes.toml`, the contract of the ids.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

#[derive(serde::Deserialize)]
struct Catalogue {
    cause: Vec<Row>,
}

#[derive(serde::Deserialize)]
struct Row {
    id: String,
    check: String,
    stage: String,
    title: String,
    #[serde(default, rename = "symptom-only")]
    symptom_only: bool,
    #[serde(default)]
    endpoint: bool,
}

fn camel(id: &str) -> String {
    id.split('-')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect()
}

fn id_enum(out: &mut String, name: &str, doc: &str, ids: &[(String, String)]) {
    writeln!(
        out,
        "/// {doc}\n#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, \
         serde::Deserialize, schemars::JsonSchema)]\n#[serde(rename_all = \"kebab-case\")]\npub enum {name} {{"
    )
    .expect("a String takes everything");
    for (id, title) in ids {
        writeln!(out, "    /// {title}.\n    #[serde(rename = \"{id}\")]\n    {},", camel(id)).expect("as above");
    }
    writeln!(out, "}}\nimpl {name} {{\n    /// All of them, in the order of the catalogue.\n    pub const ALL: &'static [{name}] = &[")
        .expect("as above");
    for (id, _) in ids {
        writeln!(out, "        {name}::{},", camel(id)).expect("as above");
    }
    writeln!(out, "    ];\n    /// The id as reports print it.\n    pub const fn as_str(self) -> &'static str {{\n        match self {{")
        .expect("as above");
    for (id, _) in ids {
        writeln!(out, "            {name}::{} => \"{id}\",", camel(id)).expect("as above");
    }
    writeln!(out, "        }}\n    }}\n}}").expect("as above");
}

fn main() {
    let source = "src/causes/causes.toml";
    println!("cargo::rerun-if-changed={source}");
    let text = std::fs::read_to_string(source).expect("causes.toml stands beside the causes");
    let catalogue: Catalogue = toml::from_str(&text).expect("causes.toml is a list of causes");
    let mut out = String::new();
    let causes: Vec<_> = catalogue.cause.iter().map(|row| (row.id.clone(), row.title.clone())).collect();
    id_enum(&mut out, "CauseId", "Why a task does not start, or stops: an id that never changes its meaning.", &causes);
    let mut seen = BTreeSet::new();
    let checks: Vec<_> = catalogue
        .cause
        .iter()
        .filter(|row| seen.insert(row.check.clone()))
        .map(|row| (row.check.clone(), row.check.replace('-', " ")))
        .collect();
    id_enum(&mut out, "CheckId", "What is true of a launch when all is well.", &checks);
    let table = |out: &mut String, doc: &str, name: &str, kind: &str, value: &dyn Fn(&Row) -> String| {
        writeln!(
            out,
            "impl CauseId {{\n    /// {doc}\n    pub const fn {name}(self) -> {kind} {{\n        match self {{"
        )
        .expect("as above");
        for row in &catalogue.cause {
            writeln!(out, "            CauseId::{} => {},", camel(&row.id), value(row)).expect("as above");
        }
        writeln!(out, "        }}\n    }}\n}}").expect("as above");
    };
    table(&mut out, "The check that this cause answers with \"no\".", "check", "CheckId", &|row| {
        format!("CheckId::{}", camel(&row.check))
    });
    table(&mut out, "The kind of fault.", "stage", "Stage", &|row| format!("Stage::{}", camel(&row.stage)));
    table(&mut out, "One line for people.", "title", "&'static str", &|row| format!("{:?}", row.title));
    table(
        &mut out,
        "Whether nothing in the account could tell more than the stop does.",
        "symptom_only",
        "bool",
        &|row| row.symptom_only.to_string(),
    );
    table(
        &mut out,
        "Whether the cause carries the service that could not be reached.",
        "has_endpoint",
        "bool",
        &|row| row.endpoint.to_string(),
    );
    let folder = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&folder).join("ids.rs"), out).expect("OUT_DIR is writable");
}
