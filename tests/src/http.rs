//! As much HTTP as a test needs: one request a connection.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.body))
    }

    /// The text of the first XML element of a name.
    pub fn element(&self, name: &str) -> String {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let found = self.body.split_once(&open).and_then(|(_, rest)| rest.split_once(&close));
        found.unwrap_or_else(|| panic!("no <{name}> in {}", self.body)).0.to_owned()
    }
}

/// Posts a body.
///
/// # Errors
/// When nobody answers, or not in HTTP.
pub fn request(port: u16, headers: &[(&str, &str)], body: &str) -> io::Result<Reply> {
    send(port, "POST /", headers, body)
}

/// Sends a body by another method, or to another path.
///
/// # Errors
/// When nobody answers, or not in HTTP.
pub fn send(port: u16, line: &str, headers: &[(&str, &str)], body: &str) -> io::Result<Reply> {
    let mut head = format!("{line} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    let raw = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let answer = exchange(port, raw.as_bytes())?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
    Ok(Reply { status, body: body.to_owned() })
}

/// Sends bytes and reads until the other side closes.
pub(crate) fn exchange(port: u16, raw: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.write_all(raw)?;
    let mut answer = vec![];
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}
