//! Which way `why` comes into the AWS CLI: the plug-in where that is safe, else the alias, and why.

use super::clis::{Cli, Kind};
use super::ini::Ini;
use super::receipt::{MODULE, PATHS, PLUGIN, SEPARATOR, Way};
use std::path::{Path, PathBuf};

/// The way, and what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Which.
    pub way: Way,
    /// A clause that says why.
    pub why: String,
    /// Plug-in: where the module goes.
    pub folders: Vec<PathBuf>,
    /// Plug-in for v2: the folder that it must be told of.
    pub plugin_path: Option<String>,
}

/// What there is to choose from.
pub struct Found<'f> {
    /// Every `aws` on PATH.
    pub clis: &'f [Cli],
    /// The configuration, without what we put into it.
    pub config: &'f Ini<'f>,
    /// Our own folder.
    pub folder: &'f Path,
    /// Whether a folder takes the module.
    pub takes: &'f dyn Fn(&Path) -> bool,
}

impl Found<'_> {
    /// The table of docs/aws-cli.md.
    pub fn choose(&self) -> Choice {
        let (one, two) = (self.clis.iter().any(Cli::is_v1), self.clis.iter().any(Cli::is_v2));
        let unknown = self.clis.iter().find(|cli| matches!(cli.kind, Kind::Unknown(_)));
        let chosen = match (one, two, unknown) {
            (false, false, None) => Err("no `aws` was found on PATH".to_owned()),
            (_, _, Some(cli)) => Err(format!(
                "`{}` cannot be run, so its version is not known, and what lets v2 load a plug-in would break every command of v1",
                cli.path.display()
            )),
            (true, true, None) => {
                Err("v1 and v2 are both on PATH, and the line that lets v2 load a plug-in breaks every command of v1"
                    .to_owned())
            }
            (true, false, None) => self.for_v1(),
            (false, true, None) => self.for_v2(),
        };
        chosen.unwrap_or_else(alias)
    }

    fn for_v2(&self) -> Result<Choice, String> {
        let folder = self.folder.to_str().filter(|folder| plain(folder));
        let folder = folder.ok_or("the path of the home folder has characters that the configuration cannot hold")?;
        match self.config.value("plugins", PATHS) {
            Some(_) if self.config.goes_on("plugins", PATHS) => {
                return Err(format!("`{PATHS}` goes on over several lines in the configuration"));
            }
            Some(_) => {}
            None => {
                let others: Vec<&str> = self.config.keys("plugins").into_iter().filter(|key| *key != PLUGIN).collect();
                if let Some(other) = others.first() {
                    return Err(format!("v2 would then also load the plug-in `{other}`, which it does not load now"));
                }
            }
        }
        Ok(Choice {
            way: Way::Plugin,
            why: "only v2 is on PATH".to_owned(),
            folders: vec![self.folder.to_owned()],
            plugin_path: Some(folder.to_owned()),
        })
    }

    fn for_v1(&self) -> Result<Choice, String> {
        let mut folders: Vec<PathBuf> = vec![];
        for cli in self.clis {
            let Kind::V1 { sites, .. } = &cli.kind else { continue };
            let Some(site) = sites.iter().find(|site| (self.takes)(site)) else {
                let path = cli.path.display();
                return Err(match sites.first() {
                    Some(site) => format!(
                        "the Python of `{path}` has its modules in `{}`, which you cannot write",
                        site.display()
                    ),
                    None => format!("where the Python of `{path}` has its modules cannot be found out"),
                });
            };
            if !folders.contains(site) {
                folders.push(site.clone());
            }
        }
        Ok(Choice { way: Way::Plugin, why: "only v1 is on PATH".to_owned(), folders, plugin_path: None })
    }
}

/// The alias, and why.
pub fn alias(why: String) -> Choice {
    Choice { way: Way::Alias, why, folders: vec![], plugin_path: None }
}

/// What stands in a line of an INI file, and in a list of folders, as it is.
pub fn plain(path: &str) -> bool {
    !path.is_empty()
        && path.trim() == path
        && !path.contains(|sign: char| sign.is_control())
        && !path.contains(SEPARATOR)
}

impl Choice {
    /// The file of the module in a folder.
    pub fn modules(&self) -> Vec<PathBuf> {
        self.folders.iter().map(|folder| folder.join(MODULE).with_extension("py")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(path: &str, sites: &[&str]) -> Cli {
        let sites = sites.iter().map(PathBuf::from).collect();
        Cli { path: path.into(), kind: Kind::V1 { version: "1.45.11".into(), sites } }
    }

    fn two(path: &str) -> Cli {
        Cli { path: path.into(), kind: Kind::V2 { version: "2.9.19".into() } }
    }

    fn chosen(clis: &[Cli], config: &str) -> Choice {
        let config = Ini::parse(config).expect("well formed");
        let takes = |folder: &Path| folder.starts_with("/writable");
        Found { clis, config: &config, folder: Path::new("/home/a/.aws/cli/ecs-why"), takes: &takes }.choose()
    }

    #[test]
    fn the_plug_in_is_taken_where_only_one_version_is() {
        let for_v2 = chosen(&[two("/a/aws"), two("/b/aws")], "");
        assert_eq!((for_v2.way, for_v2.plugin_path.as_deref()), (Way::Plugin, Some("/home/a/.aws/cli/ecs-why")));
        let for_v1 = chosen(&[one("/a/aws", &["/x", "/writable/1"]), one("/b/aws", &["/writable/2"])], "");
        assert_eq!((for_v1.way, for_v1.plugin_path), (Way::Plugin, None));
        assert_eq!(for_v1.folders, [Path::new("/writable/1"), Path::new("/writable/2")]);
    }

    #[test]
    fn the_alias_is_taken_where_a_plug_in_could_break_something() {
        let broken = Cli { path: "/c/aws".into(), kind: Kind::Unknown("no such version".into()) };
        for (clis, config, words) in [
            (vec![], "", "no `aws`"),
            (vec![one("/a", &["/writable"]), two("/b")], "", "both"),
            (vec![two("/b"), broken], "", "cannot be run"),
            (vec![one("/a", &["/readonly"])], "", "which you cannot write"),
            (vec![one("/a", &[])], "", "cannot be found out"),
            (vec![two("/b")], "[plugins]\nother = m\n", "also load the plug-in `other`"),
            (vec![two("/b")], "[plugins]\ncli_legacy_plugin_path = /a\n  :/b\n", "several lines"),
        ] {
            let choice = chosen(&clis, config);
            assert_eq!(choice.way, Way::Alias, "{words}");
            assert!(choice.why.contains(words), "{}", choice.why);
        }
    }

    #[test]
    fn other_plug_ins_that_are_loaded_already_do_not_matter() {
        let config = "[plugins]\nother = m\ncli_legacy_plugin_path = /theirs\n";
        assert_eq!(chosen(&[two("/b")], config).way, Way::Plugin);
        assert_eq!(chosen(&[one("/a", &["/writable"])], "[plugins]\nother = m\n").way, Way::Plugin);
    }
}
