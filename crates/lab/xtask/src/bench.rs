//! `cargo xtask bench`: the tables of the documentation, made anew.

mod adversary;
mod attribution;
mod audit;
mod calibration;
mod client;
mod cluster;
mod decide;
mod detection;
mod frontier;
mod gate;
mod live;
pub mod options;
mod real;
mod recall;
mod scale;
mod sources;
mod speed;
pub mod table;
mod verdicts;
mod window;
mod world;

use clap::Subcommand;

/// What is measured.
#[derive(Debug, Subcommand)]
pub enum Bench {
    Adversary(adversary::Arguments),
    Attribution(attribution::Arguments),
    Audit(audit::Arguments),
    Calibration(calibration::Arguments),
    Client(client::Arguments),
    Cluster(cluster::Arguments),
    Decide(decide::Arguments),
    Detection(detection::Arguments),
    Frontier(frontier::Arguments),
    Gate(gate::Arguments),
    Live(live::Arguments),
    Real(real::Arguments),
    Recall(recall::Arguments),
    Scale(scale::Arguments),
    Sources(sources::Arguments),
    Speed(speed::Arguments),
    Window(window::Arguments),
}

impl Bench {
    /// Measures it and prints the rows.
    pub fn run(&self) -> Result<(), String> {
        match self {
            Bench::Adversary(arguments) => adversary::adversary(arguments),
            Bench::Attribution(arguments) => attribution::attribution(arguments),
            Bench::Audit(arguments) => audit::bench(arguments),
            Bench::Calibration(arguments) => calibration::calibration(arguments),
            Bench::Client(arguments) => client::client(arguments),
            Bench::Cluster(arguments) => cluster::cluster(arguments),
            Bench::Decide(arguments) => decide::decide(arguments),
            Bench::Detection(arguments) => detection::detection(arguments),
            Bench::Frontier(arguments) => frontier::frontier(arguments),
            Bench::Gate(arguments) => gate::gate(arguments),
            Bench::Live(arguments) => live::live(arguments),
            Bench::Real(arguments) => real::real(arguments),
            Bench::Recall(arguments) => recall::recall(arguments),
            Bench::Scale(arguments) => {
                scale::scale(arguments);
                Ok(())
            }
            Bench::Sources(arguments) => sources::sources(arguments),
            Bench::Speed(arguments) => speed::speed(arguments),
            Bench::Window(arguments) => window::window(arguments),
        }
    }
}
