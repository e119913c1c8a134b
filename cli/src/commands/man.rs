//! `ecs-why man`: the manual pages, made from the same definition as `--help`.

use crate::args::{Args, ManArgs};
use crate::exit::Exit;
use crate::failure::Usage;
use clap::CommandFactory as _;
use std::io::Write;

/// The page of `ecs-why` on standard output, or the pages of all commands in a folder.
pub fn run(args: &ManArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    match &args.folder {
        None => clap_mangen::Man::new(Args::command()).render(&mut *out)?,
        Some(folder) => {
            let path = || folder.display().to_string();
            std::fs::create_dir_all(folder)
                .and_then(|()| clap_mangen::generate_to(Args::command(), folder))
                .map_err(|source| Usage::WritePages { path: path(), source })?;
            writeln!(out, "the pages are in {}", path())?;
        }
    }
    Ok(Exit::Report)
}
