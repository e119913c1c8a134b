//! `ecs-why demo`: the report of a recorded failure, made from its evidence here and now.

use crate::args::DemoArgs;
use crate::exit::Exit;
use crate::failure::{Usage, near};
use crate::view::{Output, View};
use clap_complete::{ArgValueCandidates, CompletionCandidate};
use ecs_why_core::account::EvidenceFile;
use ecs_why_core::{diagnosis, render};
use std::io::Write;

/// A failure that was recorded.
struct Story {
    name: &'static str,
    about: &'static str,
    evidence: &'static str,
}

/// A story is its file in `cli/stories/` and a line of [`STORIES`].
macro_rules! stories {
    ($($name:literal: $about:literal,)*) => {
        &[$(Story { name: $name, about: $about, evidence: include_str!(concat!("../../stories/", $name, ".json")) },)*]
    };
}

/// The first one is shown when none is named.
const STORIES: &[Story] = stories! {
    "ecr-auth-denied": "the execution role may not get a token of ECR",
    "s3-endpoint-missing": "a private subnet reaches ECR, but not the S3 behind it",
    "image-expired": "a lifecycle policy deleted the image that a service still runs",
};

/// The stories, for completion.
pub fn stories() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        STORIES.iter().map(|story| CompletionCandidate::new(story.name).help(Some(story.about.into()))).collect()
    })
}

/// Tells a story, or lists them.
pub fn run(args: &DemoArgs, view: &View, out: &mut impl Write) -> anyhow::Result<Exit> {
    if args.list {
        list(view, out)?;
        return Ok(Exit::Report);
    }
    let first = STORIES.first().ok_or(Usage::NoStories)?;
    let wanted = args.story.as_deref().unwrap_or(first.name);
    let story = STORIES.iter().find(|story| story.name == wanted).ok_or_else(|| Usage::Unknown {
        what: "story",
        name: wanted.to_owned(),
        near: near(wanted, STORIES.iter().map(|story| story.name)),
    })?;
    let report = diagnosis::replay(&EvidenceFile::parse(story.evidence)?)?;
    view.write(&report, out)?;
    Ok(Exit::Report)
}

fn list(view: &View, out: &mut impl Write) -> std::io::Result<()> {
    if view.output == Output::Json {
        let stories = STORIES.iter().map(|story| serde_json::json!({"name": story.name, "about": story.about}));
        return writeln!(out, "{}", render::value(&stories.collect::<Vec<_>>()));
    }
    STORIES.iter().try_for_each(|story| writeln!(out, "{:24} {}", story.name, story.about))
}
