//! A model's API as tests need it: it answers in three dialects, keeps what it was sent, and fails as its models are named.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Got {
    pub path: String,
    pub head: String,
    pub body: Vec<u8>,
}

/// A running upstream.
#[derive(Clone)]
pub struct Upstream {
    pub address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
    /// Streams whose reader went away.
    gone: Arc<Mutex<u32>>,
}

impl Upstream {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = Self { address: listener.local_addr().unwrap(), got: Arc::default(), gone: Arc::default() };
        let upstream = own.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let upstream = upstream.clone();
                thread::spawn(move || upstream.serve(&stream));
            }
        });
        own
    }

    /// What it was sent so far.
    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    pub fn gone(&self) -> u32 {
        *self.gone.lock().unwrap()
    }

    fn serve(&self, stream: &TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut reader = BufReader::new(stream);
        loop {
            let got = read(&mut reader)?;
            let before = self.got.lock().unwrap().iter().filter(|other| other.body == got.body).count();
            self.got.lock().unwrap().push(got.clone());
            if self.answer(stream, &got, before).is_none() {
                *self.gone.lock().unwrap() += 1;
                return None;
            }
        }
    }

    fn answer(&self, mut stream: &TcpStream, got: &Got, before: usize) -> Option<()> {
        let text = String::from_utf8_lossy(&got.body).into_owned();
        let is_stream = text.contains("\"stream\":true") || text.contains("\"stream\": true");
        let has = |model: &str| text.contains(&format!("\"{model}\""));
        if has("fails-once") && before == 0 {
            return whole(stream, 500, r#"{"error":{"message":"once","type":"server_error"}}"#.as_bytes());
        }
        if has("unknown-model") {
            return whole(
                stream,
                404,
                r#"{"error":{"message":"no such model","type":"invalid_request_error"}}"#.as_bytes(),
            );
        }
        let events: Vec<String> = match got.path.split('?').next().unwrap_or_default() {
            "/v1/chat/completions" if is_stream => chat_stream(has("uses-tools")),
            "/v1/chat/completions" => return whole(stream, 200, CHAT.as_bytes()),
            "/v1/responses" if is_stream => responses_stream(),
            "/v1/responses" => return whole(stream, 200, RESPONSE.as_bytes()),
            "/v1/messages" if is_stream => messages_stream(),
            "/v1/messages" => return whole(stream, 200, MESSAGE.as_bytes()),
            // Anything else comes back as it was.
            _ => return whole(stream, 200, &got.body),
        };
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
            .ok()?;
        if has("endless") {
            loop {
                piece(stream, &events[1])?;
                thread::sleep(Duration::from_millis(20));
            }
        }
        let half = events.len() / 2;
        for (number, event) in events.iter().enumerate() {
            if number == half && has("breaks-off") {
                return None;
            }
            if number == half && has("falls-silent") {
                thread::sleep(Duration::from_secs(20));
            }
            if has("slow") {
                thread::sleep(Duration::from_millis(150));
            }
            piece(stream, event)?;
        }
        stream.write_all(b"0\r\n\r\n").ok()
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Got> {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let path = head.split(' ').nth(1)?.to_owned();
    let header = |name: &str| {
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix(name).map(|value| value.trim().to_owned()))
    };
    let mut body = Vec::new();
    if let Some(length) = header("content-length:") {
        body = vec![0; length.parse().ok()?];
        reader.read_exact(&mut body).ok()?;
    } else if header("transfer-encoding:").is_some() {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let length = usize::from_str_radix(line.trim(), 16).ok()?;
            let mut chunk = vec![0; length + 2];
            reader.read_exact(&mut chunk).ok()?;
            if length == 0 {
                break;
            }
            body.extend_from_slice(&chunk[..length]);
        }
    }
    Some(Got { path, head, body })
}

fn whole(mut stream: &TcpStream, status: u16, body: &[u8]) -> Option<()> {
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nx-own-header: Kept As It Is\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).ok()
}

fn piece(mut stream: &TcpStream, event: &str) -> Option<()> {
    stream.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).ok()
}

/// Odd spaces and an escape on purpose: bytes must come through as they are.
pub const CHAT: &str = r#"{"id":"chatcmpl-1", "object":"chat.completion","created":1764000000,"model":"m-large","choices":[{"index":0,"message":{"role":"assistant","content":"Hello th\u0065re","refusal":null},"logprobs":null,"finish_reason":"stop"}],  "usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}}"#;
const RESPONSE: &str = r#"{"id":"resp_1","object":"response","created_at":1764000000,"status":"completed","model":"m-large","output":[{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hello there","annotations":[]}]}],"parallel_tool_calls":true,"tool_choice":"auto","tools":[],"usage":{"input_tokens":12,"output_tokens":3,"total_tokens":15,"input_tokens_details":{"cached_tokens":0},"output_tokens_details":{"reasoning_tokens":0}}}"#;
const MESSAGE: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"m-large","content":[{"type":"text","text":"Hello there"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":3}}"#;

fn chat_stream(with_tools: bool) -> Vec<String> {
    let chunk = |choices: &str, usage: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1764000000,\"model\":\"m-large\",\
             \"choices\":{choices},\"usage\":{usage}}}\n\n"
        )
    };
    let delta = |delta: &str| chunk(&format!("[{{\"index\":0,\"delta\":{delta},\"finish_reason\":null}}]"), "null");
    let mut events = vec![delta(r#"{"role":"assistant","content":""}"#)];
    if with_tools {
        let name = r#"{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}"#;
        events.push(delta(&format!("{{\"tool_calls\":[{name}]}}")));
        for part in [r#"{\"place\""#, r#": \"Ghent\"}"#] {
            let call = format!("{{\"index\":0,\"function\":{{\"arguments\":\"{part}\"}}}}");
            events.push(delta(&format!("{{\"tool_calls\":[{call}]}}")));
        }
    } else {
        events.extend(["Hello", " the", "re"].map(|word| delta(&format!("{{\"content\":\"{word}\"}}"))));
    }
    let reason = if with_tools { "tool_calls" } else { "stop" };
    events.push(chunk(&format!("[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"{reason}\"}}]"), "null"));
    events.push(chunk("[]", r#"{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}"#));
    events.push("data: [DONE]\n\n".to_owned());
    events
}

fn messages_stream() -> Vec<String> {
    let event = |name: &str, data: &str| format!("event: {name}\ndata: {{\"type\":\"{name}\",{data}}}\n\n");
    let mut events = vec![
        event(
            "message_start",
            r#""message":{"id":"msg_1","type":"message","role":"assistant","model":"m-large","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":1}}"#,
        ),
        event("content_block_start", r#""index":0,"content_block":{"type":"text","text":""}"#),
    ];
    for word in ["Hello", " the", "re"] {
        events.push(event(
            "content_block_delta",
            &format!("\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{word}\"}}"),
        ));
    }
    events.push(event("content_block_stop", "\"index\":0"));
    events.push(event(
        "message_delta",
        r#""delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":3}"#,
    ));
    events.push("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n".to_owned());
    events
}

fn responses_stream() -> Vec<String> {
    let event = |name: &str, number: u32, data: &str| {
        format!("event: {name}\ndata: {{\"type\":\"{name}\",\"sequence_number\":{number},{data}}}\n\n")
    };
    let begun = RESPONSE.replace("\"completed\",\"model\"", "\"in_progress\",\"model\"");
    let mut events = vec![event("response.created", 0, &format!("\"response\":{begun}"))];
    for (number, word) in (1..).zip(["Hello", " the", "re"]) {
        let data = format!(
            "\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"logprobs\":[],\"delta\":\"{word}\""
        );
        events.push(event("response.output_text.delta", number, &data));
    }
    events.push(event("response.completed", 4, &format!("\"response\":{RESPONSE}")));
    events
}
