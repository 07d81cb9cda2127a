//! `stillwatch user`.

use std::io::BufRead;
use std::io::IsTerminal;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use console::User;
use console::Users;

use crate::cli::serve::UserCommand;
use crate::commands::print_json;
use crate::commands::serve::role_of;
use crate::exit::Failure;
use crate::terminal;

/// The most bytes that are read of standard input.
const MAX_LINE: u64 = 4_096;

/// `stillwatch user`.
pub fn user(command: &UserCommand) -> Result<ExitCode, Failure> {
    match command {
        UserCommand::Add { who, data_dir, role, without_totp } => {
            let users = users(data_dir)?;
            let roles: Vec<console::Role> = role.iter().map(|role| role_of(*role)).collect();
            let address = users.add(who, &roles, &password()?, !without_totp)?;
            match address {
                Some(address) => {
                    terminal::note("give this to an authenticator, as it is or as a picture; it is not shown again:");
                    terminal::print(&address);
                }
                None => terminal::note("this user signs in with a password alone"),
            }
        }
        UserCommand::List { data_dir, json } => list(&users(data_dir)?.list()?, *json)?,
        UserCommand::Remove { who, data_dir } => users(data_dir)?.remove(who)?,
        UserCommand::Role { who, data_dir, role } => {
            let roles: Vec<console::Role> = role.iter().map(|role| role_of(*role)).collect();
            users(data_dir)?.set_roles(who, &roles)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(users: &[User], json: bool) -> Result<(), Failure> {
    if json {
        let row = |user: &User| {
            serde_json::json!({
                "who": user.who, "roles": user.roles, "created": user.created, "totp": user.has_totp(),
            })
        };
        return print_json(&users.iter().map(row).collect::<Vec<_>>());
    }
    for user in users {
        let roles: Vec<&str> = user.roles.iter().map(|role| role.as_str()).collect();
        let factor = if user.has_totp() { "" } else { ", password alone" };
        terminal::print(&format!("{}: {}, added {}{factor}", user.who, roles.join(", "), user.created));
    }
    Ok(())
}

/// The password: never an option, since options are seen by everybody on the machine.
fn password() -> Result<String, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        terminal::note("password (it is shown while you type; to hide it, pipe it in):");
    }
    let mut line = String::new();
    let read = input.lock().take(MAX_LINE).read_line(&mut line);
    read.map_err(|error| Failure::Usage(format!("no password can be read from standard input: {error}")))?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

fn users(data_dir: &Path) -> Result<Users, Failure> {
    match data_dir.is_dir() {
        true => Ok(Users::of(data_dir)),
        false => {
            Err(Failure::Usage(format!("{} is no data directory (hunt with --data-dir first)", data_dir.display())))
        }
    }
}
