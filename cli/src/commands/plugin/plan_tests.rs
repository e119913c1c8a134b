//! Whole installations in a home of their own, without any `aws`.

use super::clis::Kind;
use super::*;

struct Home {
    folder: tempfile::TempDir,
    places: Places,
    clis: Vec<Cli>,
}

impl Home {
    fn with(clis: Vec<Cli>) -> Home {
        let folder = tempfile::tempdir().expect("a folder");
        let aws = folder.path().join(".aws");
        std::fs::create_dir_all(aws.join("cli")).expect("it is writable");
        let places = Places {
            config: aws.join("config"),
            alias: aws.join("cli").join("alias"),
            folder: aws.join("cli").join("ecs-why"),
        };
        Home { folder, places, clis }
    }

    fn two() -> Home {
        Home::with(vec![Cli { path: "/usr/bin/aws".into(), kind: Kind::V2 { version: "2.9.19".into() } }])
    }

    fn wish<'w>(&'w self, before: Option<&'w Receipt>) -> Wish<'w> {
        Wish { places: &self.places, clis: &self.clis, binary: Path::new("/opt/it's/ecs-why"), before, alias: false }
    }

    fn plan(&self, before: Option<&Receipt>) -> Plan {
        self.wish(before).plan().expect("it can be planned")
    }

    fn write(&self, plan: &Plan) {
        std::fs::create_dir_all(&self.places.folder).expect("it is writable");
        for change in plan.modules.iter().chain(&plan.files) {
            match &change.after {
                Some(text) => std::fs::write(&change.path, text).expect("it is writable"),
                None => drop(std::fs::remove_file(&change.path)),
            }
        }
    }

    fn config(&self) -> String {
        std::fs::read_to_string(&self.places.config).expect("it is there")
    }
}

#[test]
fn a_second_installation_changes_nothing() {
    for home in [Home::two(), Home::with(vec![])] {
        std::fs::write(&home.places.config, "[default]\nregion = x").expect("it is writable");
        let first = home.plan(None);
        home.write(&first);
        let second = home.plan(Some(&first.receipt));
        assert!(!second.modules.iter().chain(&second.files).any(Change::is_any), "{second:?}");
        assert_eq!(second.receipt, first.receipt);
        // What was written down may be lost.
        let third = home.plan(None);
        let changed = third.files.iter().filter(|file| file.is_any()).count();
        assert!(changed <= 1, "at most blank lines move: {third:?}");
    }
}

#[test]
fn the_folder_is_put_beside_those_of_others() {
    let home = Home::two();
    std::fs::write(&home.places.config, "[plugins]\ncli_legacy_plugin_path = /theirs\nother = m\n")
        .expect("it is writable");
    home.write(&home.plan(None));
    let ours = home.places.folder.display().to_string();
    let expected =
        format!("[plugins]\ncli_legacy_plugin_path = /theirs{SEPARATOR}{ours}\nother = m\necs_why = ecs_why_awscli\n");
    assert_eq!(home.config(), expected);
}

#[test]
fn another_way_takes_the_old_one_out() {
    let mut home = Home::two();
    std::fs::write(&home.places.config, "[default]\nregion = x\n").expect("it is writable");
    let plugin = home.plan(None);
    home.write(&plugin);
    home.clis.push(Cli { path: "/opt/aws".into(), kind: Kind::V1 { version: "1.45".into(), sites: vec![] } });
    let alias = home.plan(Some(&plugin.receipt));
    assert_eq!(alias.choice.way, Way::Alias);
    home.write(&alias);
    assert_eq!(home.config(), "[default]\nregion = x\n");
    assert!(!home.places.folder.join("ecs_why_awscli.py").exists());
    let text = std::fs::read_to_string(&home.places.alias).expect("it is there");
    assert!(text.contains(r"w='/opt/it'\''s/ecs-why'") && text.matches(MARKER).count() == 2, "{text}");
}

#[test]
fn an_alias_of_the_persons_own_is_left_alone() {
    let home = Home::with(vec![]);
    std::fs::write(&home.places.alias, "[toplevel]\nwhy = !echo mine\n").expect("it is writable");
    let error = home.wish(None).plan().expect_err("the name is taken");
    assert!(matches!(&error, PluginError::Taken { value, .. } if value == "!echo mine"), "{error}");
    let home = Home::two();
    std::fs::write(&home.places.alias, "[toplevel]\nwhy = !echo mine\n").expect("it is writable");
    assert_eq!(home.plan(None).shadows, ["toplevel"]);
}

#[test]
fn a_plug_in_of_the_same_name_is_left_alone() {
    let home = Home::two();
    let text = "[plugins]\ncli_legacy_plugin_path = /a\necs_why = theirs\n";
    std::fs::write(&home.places.config, text).expect("it is writable");
    assert!(matches!(home.wish(None).plan(), Err(PluginError::Taken { .. })));
}

#[test]
fn the_modules_of_v1_go_where_its_python_looks() {
    let sites = tempfile::tempdir().expect("a folder");
    let kind = Kind::V1 { version: "1.45".into(), sites: vec![sites.path().to_owned()] };
    let home = Home::with(vec![Cli { path: "/opt/aws".into(), kind }]);
    let plan = home.plan(None);
    assert_eq!(plan.choice.modules(), [sites.path().join("ecs_why_awscli.py")]);
    home.write(&plan);
    assert_eq!(home.config(), "[plugins]\necs_why = ecs_why_awscli\n");
    assert!(home.folder.path().exists());
}

#[test]
fn a_configuration_elsewhere_is_cleaned_when_another_one_is_named() {
    let mut home = Home::two();
    let first = home.plan(None);
    home.write(&first);
    let old = std::mem::replace(&mut home.places.config, home.folder.path().join("other"));
    let second = home.plan(Some(&first.receipt));
    home.write(&second);
    assert!(!old.exists() && home.config().contains("[plugins]"));
}

#[test]
fn the_module_is_one_that_any_python_reads() {
    // An exception while it loads would break every command: nothing newer than Python 2.7 in its syntax.
    for newer in [" f\"", "(f\"", " := ", ") ->", "nonlocal ", "async ", "yield from"] {
        assert!(!SOURCE.contains(newer), "{newer}");
    }
    let imports: Vec<&str> =
        SOURCE.lines().filter(|line| line.starts_with("import ") || line.starts_with("from ")).collect();
    assert_eq!(imports, ["import os", "import sys"]);
}
