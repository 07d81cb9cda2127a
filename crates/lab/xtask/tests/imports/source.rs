//! What one source file declares and what it names, read from its words.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::str::Chars;

/// One name that a `use` line brings in; the name is `*` where the line brings in everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub name: String,
    pub path: Vec<String>,
}

/// What matters of a source file, without what is only compiled for tests.
#[derive(Debug, Default)]
pub struct Source {
    /// Modules that are declared with a file of their own.
    pub children: Vec<String>,
    /// Names that `use` lines bring in.
    pub uses: Vec<Use>,
    /// Paths of two parts or more in the code.
    pub paths: Vec<Vec<String>>,
    /// Names of functions, types, constants and the like.
    pub defined: BTreeSet<String>,
}

/// Words after which the next word is the name of something that is defined here.
const DEFINING: [&str; 9] = ["fn", "struct", "enum", "trait", "type", "const", "static", "union", "macro_rules"];

impl Source {
    pub fn parse(text: &str) -> Source {
        let tokens = without_tests(&tokens(text));
        let mut source = Source::default();
        let mut at = 0;
        while at < tokens.len() {
            let word = tokens[at].as_str();
            let next = tokens.get(at + 1).map_or("", String::as_str);
            if word == "mod" && is_name(next) {
                assert_eq!(tokens[at + 2], ";", "module {next}: the check does not read a module inside a file");
                source.children.push(next.to_owned());
                at += 3;
            } else if word == "use" && (is_name(next) || next == "{" || next == "::") {
                let end = tokens[at..].iter().position(|token| token == ";").map_or(tokens.len(), |length| at + length);
                source.read_use(&tokens[at + 1..end], &mut Vec::new());
                at = end;
            } else if is_name(word) && next == "::" {
                let path = path(&tokens[at..]);
                at += 2 * path.len() - 1;
                source.paths.push(path);
            } else if word == "::" && is_name(next) {
                // What follows a bare `::` is another crate; what follows `>::` belongs to a type.
                at += 2 * path(&tokens[at + 1..]).len();
            } else {
                let name = tokens[at + 1..].iter().take(2).find(|token| !matches!(token.as_str(), "mut" | "!"));
                if DEFINING.contains(&word) {
                    source.defined.extend(name.filter(|name| is_name(name)).cloned());
                }
                at += 1;
            }
        }
        source
    }

    /// Reads what stands between `use` and `;`, or one branch of it.
    fn read_use(&mut self, tokens: &[String], before: &mut Vec<String>) {
        let depth = before.len();
        let mut name = None;
        let mut rest = tokens;
        while let Some((token, after)) = rest.split_first() {
            rest = after;
            match token.as_str() {
                "::" if before.is_empty() => return,
                "::" => {}
                "{" => {
                    for branch in branches(rest) {
                        self.read_use(branch, before);
                    }
                    before.truncate(depth);
                    return;
                }
                "*" => name = Some("*".to_owned()),
                "as" => name = rest.first().cloned(),
                _ if name.is_some() => {}
                "self" if !before.is_empty() => {}
                part => before.push(part.to_owned()),
            }
        }
        if let Some(name) = name.or_else(|| before.last().cloned()) {
            self.uses.push(Use { name, path: before.clone() });
        }
        before.truncate(depth);
    }
}

/// What stands between the commas up to the closing brace.
fn branches(tokens: &[String]) -> Vec<&[String]> {
    let mut found = Vec::new();
    let (mut depth, mut from) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" => depth += 1,
            "}" if depth == 0 => {
                found.push(&tokens[from..at]);
                break;
            }
            "}" => depth -= 1,
            "," if depth == 0 => {
                found.push(&tokens[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.retain(|branch| !branch.is_empty());
    found
}

/// The path that the tokens begin with.
fn path(tokens: &[String]) -> Vec<String> {
    let mut path = vec![tokens[0].clone()];
    for pair in tokens[1..].chunks(2) {
        match pair {
            [colons, name] if colons == "::" && is_name(name) => path.push(name.clone()),
            _ => break,
        }
    }
    path
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// The tokens without the items that are only compiled for tests.
fn without_tests(tokens: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let attribute = tokens[at..].iter().take(6).map(String::as_str);
        if attribute.eq(["#", "[", "cfg", "(", "test", ")"]) {
            at = end_of_item(tokens, at);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Where the item that begins at a place ends: after its semicolon or after its closing brace.
fn end_of_item(tokens: &[String], from: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        let ended = token == ";" || (token == "}" && tokens.get(at + 1).is_none_or(|next| next != ";"));
        if depth == 0 && ended {
            return at + 1;
        }
    }
    tokens.len()
}

/// Names, `::` and single signs, without comments, texts, characters and lifetimes.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(sign) = rest.next() {
        match sign {
            '/' if rest.peek() == Some(&'/') => {
                rest.by_ref().find(|sign| *sign == '\n');
            }
            '/' if rest.peek() == Some(&'*') => skip_comment(&mut rest),
            '"' => skip_text(&mut rest),
            '\'' => skip_character(&mut rest),
            ':' if rest.next_if_eq(&':').is_some() => tokens.push("::".to_owned()),
            _ if sign.is_alphanumeric() || sign == '_' => {
                let mut word = String::from(sign);
                while let Some(next) = rest.next_if(|next| next.is_alphanumeric() || *next == '_') {
                    word.push(next);
                }
                if !(matches!(word.as_str(), "r" | "br" | "cr") && skip_raw_text(&mut rest)) {
                    tokens.push(word);
                }
            }
            _ if sign.is_whitespace() => {}
            _ => tokens.push(sign.to_string()),
        }
    }
    tokens
}

fn skip_comment(rest: &mut Peekable<Chars<'_>>) {
    let mut depth = 0;
    let mut before = '/';
    for sign in rest.by_ref() {
        match (before, sign) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                before = sign;
                continue;
            }
        }
        if depth == 0 {
            return;
        }
        before = ' ';
    }
}

fn skip_text(rest: &mut Peekable<Chars<'_>>) {
    while let Some(sign) = rest.next() {
        match sign {
            '\\' => {
                rest.next();
            }
            '"' => return,
            _ => {}
        }
    }
}

/// Skips a character; of a lifetime only the tick.
fn skip_character(rest: &mut Peekable<Chars<'_>>) {
    let mut ahead = rest.clone();
    match (ahead.next(), ahead.next()) {
        (Some('\\'), _) => {
            rest.next();
            rest.next();
            rest.by_ref().find(|sign| *sign == '\'');
        }
        (_, Some('\'')) => {
            rest.next();
            rest.next();
        }
        _ => {}
    }
}

/// Skips the rest of a raw text, if one begins here.
fn skip_raw_text(rest: &mut Peekable<Chars<'_>>) -> bool {
    let hashes = rest.clone().take_while(|sign| *sign == '#').count();
    if rest.clone().nth(hashes) != Some('"') {
        return false;
    }
    rest.by_ref().nth(hashes);
    while let Some(sign) = rest.next() {
        if sign == '"' && rest.clone().take(hashes).filter(|sign| *sign == '#').count() == hashes {
            break;
        }
    }
    true
}
