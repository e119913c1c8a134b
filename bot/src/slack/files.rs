//! A file beside a message: Slack names an address, takes the bytes there, and is told where the file belongs.
//! <https://docs.slack.dev/messaging/working-with-files#uploading_files>

use crate::platform::{Attachment, Place, SendError};
use crate::slack::web::{Done, Method, Web};
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Deserialize)]
struct Upload {
    upload_url: Url,
    file_id: String,
}

#[derive(Serialize)]
struct Uploaded<'a> {
    files: [File<'a>; 1],
    channel_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_ts: Option<&'a str>,
}

#[derive(Serialize)]
struct File<'a> {
    id: &'a str,
    title: &'a str,
}

/// Puts the file into the place.
///
/// # Errors
/// See [`SendError`].
pub async fn attach(web: &Web, place: &Place, file: &Attachment) -> Result<(), SendError> {
    let wanted = [("filename", Some(file.name.clone())), ("length", Some(file.bytes.len().to_string()))];
    let upload: Upload = web.get(Method::UploadUrl, &wanted).await?;
    web.put(upload.upload_url, &file.bytes).await?;
    let done = Uploaded {
        files: [File { id: &upload.file_id, title: &file.title }],
        channel_id: &place.channel,
        thread_ts: place.thread.as_deref(),
    };
    web.call::<_, Done>(Method::Uploaded, &done).await.map(|_| ())
}
