//! Small files that unfold to much, as logs of text.

use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;

use flate2::write::GzEncoder;

use crate::bomb::Bomb;
use crate::bomb::WriteFile;
use crate::tables::table_bombs;

/// The longest record that is read.
const RECORD: usize = 16 << 20;

/// Every bomb that is a log.
#[must_use]
pub fn bombs() -> Vec<Bomb> {
    let texts: [(&'static str, WriteFile); 15] = [
        ("blanks.jsonl.zst", blanks),
        ("blanks.jsonl.gz", blanks_gzip),
        ("short-lines.jsonl.zst", short_lines),
        ("nested-objects.jsonl.zst", nested_objects),
        ("nested-lists.json.zst", nested_lists),
        ("wide-list.jsonl.zst", wide_list),
        ("wide-object.jsonl.zst", wide_object),
        ("many-frames.jsonl.zst", many_frames),
        ("skipped-frames.jsonl.zst", skipped_frames),
        ("many-members.jsonl.gz", many_members),
        ("zstd-in-zstd.jsonl.zst", packed_twice),
        ("text-in-text.jsonl", text_in_text),
        ("days.jsonl.zst", days),
        ("accounts.jsonl.zst", accounts),
        ("messages.jsonl.zst", messages),
    ];
    texts.into_iter().map(|(name, write)| Bomb { name, write }).chain(table_bombs()).collect()
}

/// A log of exchanges of one account, in which nothing is wrong.
///
/// # Errors
/// What the system says.
pub fn write_good_log(path: &Path, exchanges: usize) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for number in 0..exchanges {
        writeln!(file, "{{\"id\":\"good-{number}\",\"at\":\"2026-04-22T00:00:01Z\",\"account\":\"good\"}}")?;
    }
    file.flush()
}

/// The beginning of a record that would be read, if it were no bomb.
fn head(number: usize) -> String {
    format!("\"id\":\"b{number}\",\"at\":\"2026-04-22T00:00:01Z\",\"account\":\"bomb\"")
}

type Packed = zstd::stream::write::Encoder<'static, File>;

fn pack(path: &Path, fill: impl FnOnce(&mut Packed) -> io::Result<()>) -> io::Result<()> {
    let mut packed = Packed::new(File::create(path)?, 3)?;
    fill(&mut packed)?;
    packed.finish().map(drop)
}

/// Writes a piece so often that it fills so many bytes.
fn repeat(out: &mut impl Write, piece: &[u8], bytes: usize) -> io::Result<()> {
    let block = piece.repeat((1 << 20) / piece.len().max(1));
    let mut left = bytes / piece.len().max(1) * piece.len();
    while left > 0 {
        let part = block.get(..left.min(block.len())).unwrap_or_default();
        out.write_all(part)?;
        left -= part.len();
    }
    Ok(())
}

/// A gigabyte of white space after a record.
fn blanks(path: &Path) -> io::Result<()> {
    pack(path, |out| {
        writeln!(out, "{{{}}}", head(0))?;
        repeat(out, b"        \n", 1 << 30)
    })
}

fn blanks_gzip(path: &Path) -> io::Result<()> {
    let mut out = GzEncoder::new(File::create(path)?, flate2::Compression::fast());
    repeat(&mut out, b"    \n", 400 << 20)?;
    out.finish().map(drop)
}

/// Half a gigabyte of lines of one byte, each of which is refused.
fn short_lines(path: &Path) -> io::Result<()> {
    pack(path, |out| repeat(out, b"x\n", 1 << 29))
}

/// Records of 16 MiB, in which each object holds one object.
fn nested_objects(path: &Path) -> io::Result<()> {
    pack(path, |out| {
        for number in 0..6 {
            // As deep as is read, again and again side by side.
            write!(out, "{{{},\"metadata\":[0", head(number))?;
            let tree = [",", &"{\"a\":".repeat(100), "0", &"}".repeat(100)].concat();
            repeat(out, tree.as_bytes(), RECORD - 4096)?;
            out.write_all(b"]}\n")?;
        }
        Ok(())
    })
}

/// A list in a list, eight million deep.
fn nested_lists(path: &Path) -> io::Result<()> {
    pack(path, |out| repeat(out, b"[", RECORD / 2).and_then(|()| repeat(out, b"]", RECORD / 2)))
}

/// Records that are lists of millions of numbers.
fn wide_list(path: &Path) -> io::Result<()> {
    pack(path, |out| {
        for _ in 0..6 {
            out.write_all(b"[1")?;
            repeat(out, b",1", RECORD - 64)?;
            out.write_all(b"]\n")?;
        }
        Ok(())
    })
}

/// Records with a million members of different names.
fn wide_object(path: &Path) -> io::Result<()> {
    pack(path, |out| {
        for number in 0..3 {
            write!(out, "{{{}", head(number))?;
            for member in 0..1_000_000 {
                write!(out, ",\"n{member}\":1")?;
            }
            out.write_all(b"}\n")?;
        }
        Ok(())
    })
}

/// Hundreds of thousands of frames that hold nothing.
fn many_frames(path: &Path) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let empty = zstd::stream::encode_all(&b""[..], 1)?;
    let line = zstd::stream::encode_all(format!("{{{}}}\n", head(0)).as_bytes(), 1)?;
    out.write_all(&line)?;
    repeat(&mut out, &empty, 4 << 20)?;
    out.write_all(&line)?;
    out.flush()
}

/// Frames that are to be skipped, each of which says that it is four gigabytes long.
fn skipped_frames(path: &Path) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(&zstd::stream::encode_all(format!("{{{}}}\n", head(0)).as_bytes(), 1)?)?;
    repeat(&mut out, &[0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0], 4 << 20)?;
    out.write_all(&[0x5f, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff])?;
    out.flush()
}

/// A hundred thousand members of gzip that hold nothing.
fn many_members(path: &Path) -> io::Result<()> {
    let empty = GzEncoder::new(Vec::new(), flate2::Compression::fast()).finish()?;
    let mut out = BufWriter::new(File::create(path)?);
    repeat(&mut out, &empty, empty.len() * 100_000)?;
    out.flush()
}

/// A packed file in a packed file: what unfolds is no log.
fn packed_twice(path: &Path) -> io::Result<()> {
    let mut inner = zstd::stream::write::Encoder::new(Vec::new(), 3)?;
    repeat(&mut inner, b"{}\n", 200 << 20)?;
    let inner = inner.finish()?;
    pack(path, |out| repeat(out, &inner, inner.len() * 200))
}

/// JSON in a text in JSON, as deep as a record is long.
fn text_in_text(path: &Path) -> io::Result<()> {
    let mut text = format!("{{{}}}", head(0));
    while text.len() < RECORD / 3 {
        text = format!("{{\"message\":{}}}", serde_json::Value::from(text));
    }
    std::fs::write(path, text + "\n")
}

/// An exchange on each of 80,000 days.
fn days(path: &Path) -> io::Result<()> {
    pack(path, |out| {
        for day in 0_u64..80_000 {
            let at = 1_000_000 + day * 86_400;
            writeln!(out, "{{\"id\":\"d{day}\",\"at\":{at},\"account\":\"bomb\"}}")?;
        }
        Ok(())
    })
}

/// A hundred thousand exchanges of as many accounts.
fn accounts(path: &Path) -> io::Result<()> {
    pack(path, |out| {
        for number in 0..100_000 {
            writeln!(out, "{{\"id\":\"a{number}\",\"at\":\"2026-04-22T00:00:01Z\",\"account\":\"bomb-{number}\"}}")?;
        }
        Ok(())
    })
}

/// Requests of hundreds of thousands of messages.
fn messages(path: &Path) -> io::Result<()> {
    pack(path, |out| {
        for number in 0..4 {
            write!(out, "{{{},\"request\":{{\"messages\":[{{\"role\":\"user\",\"content\":\"a\"}}", head(number))?;
            repeat(out, b",{\"role\":\"user\",\"content\":\"b\"}", RECORD - 4096)?;
            out.write_all(b"]}}\n")?;
        }
        Ok(())
    })
}

/// Files that are given beside a log, and unfold: lines that are refused, or accepted, without end.
#[must_use]
pub fn side_bombs() -> Vec<Bomb> {
    let made: [(&'static str, WriteFile); 4] = [
        ("refused.jsonl.zst", |path| pack(path, |out| repeat(out, b"{}\n", 1 << 30))),
        ("long-line.txt", |path| repeat(&mut BufWriter::new(File::create(path)?), b"a", 300 << 20)),
        ("many-accounts.jsonl.zst", |path| {
            pack(path, |out| {
                for number in 0..1_000_000 {
                    writeln!(
                        out,
                        "{{\"account\":\"acct-{number}\",\"at\":17760000,\"action\":\"ban\",\"id\":\"i{number}\"}}"
                    )?;
                }
                Ok(())
            })
        }),
        ("nested.json", |path| std::fs::write(path, ["[".repeat(4 << 20), "]".repeat(4 << 20)].concat())),
    ];
    made.into_iter().map(|(name, write)| Bomb { name, write }).collect()
}
