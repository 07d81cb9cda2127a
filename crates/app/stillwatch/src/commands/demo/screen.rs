//! The terminal view of a world that is played.

use std::io;
use std::time::Duration;

use player::CampaignTally;
use ratatui::DefaultTerminal;
use ratatui::Frame;
use ratatui::crossterm::event;
use ratatui::crossterm::event::Event;
use ratatui::crossterm::event::KeyCode;
use ratatui::crossterm::event::KeyEventKind;
use ratatui::crossterm::event::KeyModifiers;
use ratatui::layout::Constraint;
use ratatui::layout::Layout;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::style::Style;
use ratatui::widgets::Block;
use ratatui::widgets::Gauge;
use ratatui::widgets::Paragraph;
use ratatui::widgets::Row;
use ratatui::widgets::Sparkline;
use ratatui::widgets::Table;

use crate::commands::demo::view::View;
use crate::commands::demo::words::hours;

/// The terminal, as it was before once this is dropped.
pub struct Screen {
    terminal: DefaultTerminal,
}

impl Screen {
    /// Takes the terminal.
    pub fn open() -> io::Result<Self> {
        let mut terminal = ratatui::try_init()?;
        terminal.clear()?;
        Ok(Self { terminal })
    }

    /// Draws, and says whether a key asks for the end.
    pub fn show(&mut self, view: &View) -> io::Result<bool> {
        self.terminal.draw(|frame| draw(frame, view))?;
        while event::poll(Duration::ZERO)? {
            if let Event::Key(key) = event::read()?
                && key.kind == KeyEventKind::Press
            {
                let is_interrupt = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
                if is_interrupt || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

fn draw(frame: &mut Frame<'_>, view: &View) {
    let campaigns = u16::try_from(view.summary.campaigns.len()).unwrap_or(u16::MAX);
    let parts = [
        Constraint::Length(3),
        Constraint::Length(campaigns.saturating_add(3)),
        Constraint::Length(u16::try_from(view.found.len()).unwrap_or(u16::MAX).clamp(1, 6).saturating_add(3)),
        Constraint::Min(4),
        Constraint::Length(4),
    ];
    let [time, truth, found, days, foot] = Layout::vertical(parts).areas(frame.area());
    let passed = (view.day / view.days.max(1e-9)).clamp(0.0, 1.0);
    let label = format!("day {:.1} of {:.0}, {} times as fast as it was", view.day, view.days, view.speed);
    frame.render_widget(Gauge::default().block(Block::bordered().title("Time")).ratio(passed).label(label), time);
    frame.render_widget(of_truth(view), truth);
    frame.render_widget(of_verdicts(view), found);
    draw_days(frame, days, &view.summary.campaigns);
    let others = format!(
        "Others: {} requests, {} refused.  Came to no answer: {}.\nGate {}   API {}   q ends it",
        view.summary.honest_requests, view.summary.honest_refused, view.summary.failed, view.gate, view.api
    );
    frame.render_widget(Paragraph::new(others).block(Block::bordered()), foot);
}

fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// What is true: each campaign of the world, and what it got.
fn of_truth(view: &View) -> Table<'_> {
    let row = |one: &CampaignTally| {
        Row::new([
            one.name.clone(),
            one.level.clone(),
            one.accounts.to_string(),
            one.implicated.to_string(),
            one.served.to_string(),
            (one.requests - one.served).to_string(),
            hours(one.seconds_to_suspected),
            hours(one.seconds_to_discovered),
        ])
    };
    let widths = [16, 5, 8, 10, 8, 8, 10, 10].map(Constraint::Length);
    Table::new(view.summary.campaigns.iter().map(row), widths)
        .header(
            Row::new(["campaign", "level", "accounts", "implicated", "served", "refused", "suspected", "discovered"])
                .style(bold()),
        )
        .block(Block::bordered().title("What is true"))
}

/// What the engine holds: the campaigns of its last verdicts.
fn of_verdicts(view: &View) -> Table<'_> {
    let rows =
        view.found.iter().take(6).map(|one| {
            Row::new([one.id.clone(), one.tier.clone(), one.accounts.to_string(), one.confidence.to_string()])
        });
    let title = if view.found.is_empty() { "What is held: nothing yet" } else { "What is held" };
    Table::new(rows, [16, 12, 8, 10].map(Constraint::Length))
        .header(Row::new(["id", "tier", "accounts", "confidence"]).style(bold()))
        .block(Block::bordered().title(title))
}

/// Each campaign's requests day by day: those that were served, and those that were refused.
fn draw_days(frame: &mut Frame<'_>, area: Rect, campaigns: &[CampaignTally]) {
    let columns = Layout::horizontal(campaigns.iter().map(|_| Constraint::Fill(1))).split(area);
    for (one, area) in campaigns.iter().zip(columns.iter()) {
        let [above, below] = Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(*area);
        let most = one.days.iter().map(|day| day.served + day.refused).max().unwrap_or(0);
        let bars = |name: &str, of: &dyn Fn(&player::Day) -> u64| {
            let title = format!("{} {name} a day, at most {most}", one.name);
            Sparkline::default().block(Block::bordered().title(title)).data(one.days.iter().map(of)).max(most)
        };
        frame.render_widget(bars("served", &|day| day.served), above);
        frame.render_widget(bars("refused", &|day| day.refused), below);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests {
    use player::Day;
    use player::Summary;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::commands::demo::view::Held;

    fn view() -> View {
        let trawl = CampaignTally {
            name: "trawl".to_owned(),
            level: "T2".to_owned(),
            accounts: 40,
            implicated: 31,
            requests: 900,
            served: 700,
            seconds_to_suspected: Some(36_000.0),
            seconds_to_discovered: None,
            seconds_to_contained: None,
            days: vec![Day { served: 400, refused: 0 }, Day { served: 300, refused: 200 }],
        };
        let summary = Summary { honest_requests: 12_000, campaigns: vec![trawl], ..Summary::default() };
        let held = Held { id: "C-1".to_owned(), tier: "suspected".to_owned(), accounts: 31, confidence: 70 };
        View {
            day: 2.0,
            days: 14.0,
            speed: 4000,
            summary,
            found: vec![held],
            gate: "127.0.0.1:1".to_owned(),
            api: "127.0.0.1:2".to_owned(),
        }
    }

    #[test]
    fn the_view_says_what_is_true_and_what_is_held_at_any_size() {
        for (width, height) in [(100, 40), (40, 12), (8, 3)] {
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| draw(frame, &view())).unwrap();
            if width == 100 {
                let shown = terminal.backend().to_string();
                for words in [
                    "day 2.0 of 14",
                    "trawl",
                    "10.0 h",
                    "never",
                    "C-1",
                    "suspected",
                    "refused a day",
                    "12000 requests, 0 refused",
                ] {
                    assert!(shown.contains(words), "{words} in\n{shown}");
                }
            }
        }
    }
}
