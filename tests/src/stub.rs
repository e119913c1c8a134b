//! A server between a client and moto: it notes what is asked, refuses what a test wants refused, and passes on the rest.

use crate::http::exchange;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A request that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// As in `ecs` (from the signature).
    pub service: String,
    /// As in `eu-west-1` (from the signature).
    pub region: String,
    /// Whom it is meant for, as in `ecs.eu-west-1.amazonaws.com`.
    pub host: String,
    /// As in `DescribeTasks`; of a REST service method and path, as in `GET /bucket?policy`.
    pub action: String,
    /// What was sent.
    pub body: String,
    /// The access key that signed it.
    pub key: String,
    /// What authorizes it instead of a signature, if something does.
    pub token: String,
}

impl Request {
    /// As IAM spells it.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.action)
    }
}

/// What a stub does with a request: an answer of its own, or none to pass it on.
pub type Answers = dyn Fn(&Request) -> Option<(u16, String)> + Send + Sync;

/// See the module. It ends when it is dropped.
pub struct Stub {
    port: u16,
    seen: Arc<Mutex<Vec<Request>>>,
    ended: Arc<AtomicBool>,
}

impl Stub {
    /// Starts one in front of a server (or of nothing: then every request needs an answer).
    pub fn start(
        behind: Option<u16>,
        answers: impl Fn(&Request) -> Option<(u16, String)> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (seen, ended) = (Arc::new(Mutex::new(vec![])), Arc::new(AtomicBool::new(false)));
        let answers: Arc<Answers> = Arc::new(answers);
        let stub = Stub { port, seen: Arc::clone(&seen), ended: Arc::clone(&ended) };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let (seen, answers) = (Arc::clone(&seen), Arc::clone(&answers));
                // A client that goes away is its own affair.
                std::thread::spawn(move || stream.and_then(|stream| serve(stream, behind, &seen, &*answers)));
            }
        });
        stub
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port on the loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What was asked so far.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().expect("nobody panics with it").clone()
    }

    /// How often an action was asked.
    pub fn count(&self, name: &str) -> usize {
        self.seen().iter().filter(|request| request.name() == name).count()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// Without it the metadata of an instance gives no token; elsewhere nobody looks at it.
const TOKEN_LIFE: &str = "x-aws-ec2-metadata-token-ttl-seconds: 60\r\n";

fn serve(mut stream: TcpStream, behind: Option<u16>, seen: &Mutex<Vec<Request>>, answers: &Answers) -> io::Result<()> {
    let Some((head, body)) = read(&mut stream)? else { return Ok(()) };
    let request = identify(&head, &body);
    seen.lock().expect("nobody panics with it").push(request.clone());
    let answer = match (answers(&request), behind) {
        (Some((status, body)), _) => format!(
            "HTTP/1.1 {status} Told\r\nContent-Type: {}\r\nConnection: close\r\nContent-Length: {}\r\n{TOKEN_LIFE}\r\n{body}",
            if body.starts_with('<') { "text/xml" } else { "application/x-amz-json-1.1" },
            body.len()
        )
        .into_bytes(),
        (None, Some(port)) => {
            let kept = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
            let mut raw: String = kept.map(|line| format!("{line}\r\n")).collect();
            raw += "Connection: close\r\n\r\n";
            exchange(port, &[raw.as_bytes(), &body].concat())?
        }
        (None, None) => b"HTTP/1.1 500 Unexpected\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec(),
    };
    stream.write_all(&answer)
}

/// Head and body of a request.
pub(crate) fn read(stream: &mut impl Read) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut raw = vec![];
    let mut chunk = [0; 8192];
    let end = loop {
        if let Some(at) = raw.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        match stream.read(&mut chunk)? {
            0 => return Ok(None),
            read => raw.extend_from_slice(&chunk[..read]),
        }
    };
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let length: usize = header(&head, "content-length").and_then(|text| text.parse().ok()).unwrap_or_default();
    let mut body = raw[end + 4..].to_vec();
    while body.len() < length {
        match stream.read(&mut chunk)? {
            0 => return Ok(None),
            read => body.extend_from_slice(&chunk[..read]),
        }
    }
    Ok(Some((head, body)))
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn identify(head: &str, body: &[u8]) -> Request {
    let body = String::from_utf8_lossy(body).into_owned();
    let signed = header(head, "authorization").unwrap_or_default();
    let mut credential = signed.split("Credential=").nth(1).unwrap_or_default().split('/').map(str::to_owned);
    let key = credential.next().unwrap_or_default();
    let region = credential.nth(1).unwrap_or_default();
    let service = credential.next().unwrap_or_default();
    let host = header(head, "host").unwrap_or_default().to_owned();
    let target = header(head, "x-amz-target").and_then(|target| target.rsplit('.').next()).map(str::to_owned);
    let asked = body.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned);
    let line = || head.lines().next().and_then(|line| line.rsplit_once(' ')).map(|(line, _)| line.to_owned());
    let tokens = ["x-amz-sso_bearer_token", "x-aws-ec2-metadata-token"].iter().find_map(|name| header(head, name));
    let token = tokens.unwrap_or(if key.is_empty() { signed } else { "" }).to_owned();
    Request { service, region, host, action: target.or(asked).or_else(line).unwrap_or_default(), body, key, token }
}

/// A refusal as a service spells it: status and body.
pub fn refusal(request: &Request, status: u16, code: &str) -> (u16, String) {
    let message = format!("User: arn:aws:iam::123456789012:user/x is not authorized to perform: {}", request.name());
    let body = match request.service.as_str() {
        "ec2" => format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"
        ),
        "iam" | "sts" => {
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
            )
        }
        _ => serde_json::json!({"__type": code, "message": message, "Message": message}).to_string(),
    };
    (status, body)
}
