//! A progress bar on standard error, and Ctrl-C.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;
use workers::Phase;
use workers::Progress;

use crate::cli::ShowArguments;
use crate::cli::When;

/// Shows progress, and stops the work on Ctrl-C.
pub struct Bar {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
}

impl Bar {
    /// A bar as asked for. The first Ctrl-C stops the work at the next good place, so that nothing is left
    /// half-written; the second one ends the program.
    pub fn new(show: &ShowArguments) -> Self {
        let shown = match show.progress {
            When::Always => true,
            When::Never => false,
            When::Auto => !show.quiet && std::io::stderr().is_terminal(),
        };
        let target = if shown { ProgressDrawTarget::stderr_with_hz(8) } else { ProgressDrawTarget::hidden() };
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        // A second handler cannot be set; then Ctrl-C ends the program at once, as without one.
        let _ = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(1);
            }
        });
        Self { bar: ProgressBar::with_draw_target(None, target), stop }
    }

    /// Takes the bar off the terminal.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Shows the making of a world.
    pub fn generated(&self, done: u64, expected: u64) {
        if self.bar.length() != Some(expected) {
            self.bar.set_length(expected);
            self.bar.set_style(style("making  {wide_bar} {human_pos}/{human_len} exchanges, {eta} left"));
        }
        self.bar.set_position(done);
    }
}

impl Progress for Bar {
    fn begin(&self, phase: Phase, total: Option<u64>) {
        self.bar.reset();
        self.bar.enable_steady_tick(Duration::from_millis(250));
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
        self.bar.set_style(style(match phase {
            Phase::Fold if total.is_some() => "folding {wide_bar} {human_pos}/{human_len} rows, {eta} left",
            Phase::Read => "reading {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}, {msg}{eta} left",
            Phase::Fold => "folding {spinner} {human_pos} accounts, {elapsed}",
            Phase::Check => "checking {wide_bar} {human_pos}/{human_len} files, {eta} left",
            Phase::Increments => "folding {wide_bar} {human_pos}/{human_len} parts, {eta} left",
            Phase::Link => "linking {spinner} {elapsed}",
            Phase::Test => "testing {spinner} {human_pos} groups, {elapsed}",
        }));
        self.bar.set_message(String::new());
    }

    fn advance(&self, done: u64, records: u64) {
        self.bar.set_position(done);
        let seconds = self.bar.elapsed().as_secs_f64();
        if seconds > 0.5 {
            self.bar.set_message(format!("{:.0} records/s, ", records as f64 / seconds));
        }
    }

    fn stop(&self) -> &AtomicBool {
        &self.stop
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
