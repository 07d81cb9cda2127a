//! Scales, ticks and frames that the drawings have in common.

use crate::html::Html;
use crate::html::Value;

/// Where a chart is drawn, in its own units.
#[derive(Debug, Clone, Copy)]
pub struct Area {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Area {
    /// The height of a value above the lower edge, as a coordinate.
    pub fn y(&self, value: f64, most: f64) -> f64 {
        self.bottom() - self.height * (value / most).clamp(0.0, 1.0)
    }

    /// The lower edge.
    pub const fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// The right edge.
    pub const fn right(&self) -> f64 {
        self.left + self.width
    }
}

/// Opens a drawing with its text alternative.
pub fn open(html: &mut Html, class: &'static str, width: f64, height: f64, alternative: &str) {
    let view = format!("0 0 {width:.0} {height:.0}");
    html.open(
        "svg",
        &[
            ("class", Value::Fixed(class)),
            ("viewBox", Value::Text(&view)),
            ("role", Value::Fixed("img")),
            ("aria-label", Value::Text(alternative)),
        ],
    );
}

/// Adds a text at a place.
pub fn label(html: &mut Html, class: &'static str, x: f64, y: f64, text: &str) {
    html.open("text", &[("class", Value::Fixed(class)), ("x", Value::Number(x)), ("y", Value::Number(y))]);
    html.text(text).close("text");
}

/// Adds a line.
pub fn line(html: &mut Html, class: &'static str, from: (f64, f64), to: (f64, f64)) {
    html.shape(
        "line",
        &[
            ("class", Value::Fixed(class)),
            ("x1", Value::Number(from.0)),
            ("y1", Value::Number(from.1)),
            ("x2", Value::Number(to.0)),
            ("y2", Value::Number(to.1)),
        ],
    );
}

/// Adds a rectangle.
pub fn rectangle(html: &mut Html, class: &'static str, x: f64, y: f64, width: f64, height: f64) {
    html.shape(
        "rect",
        &[
            ("class", Value::Fixed(class)),
            ("x", Value::Number(x)),
            ("y", Value::Number(y)),
            ("width", Value::Number(width)),
            ("height", Value::Number(height)),
        ],
    );
}

/// Adds a path.
pub fn path(html: &mut Html, class: &'static str, data: &str) {
    html.shape("path", &[("class", Value::Fixed(class)), ("d", Value::Data(data))]);
}

/// The least round number that is not under a value: 1, 2 or 5 times a power of ten.
pub fn round_up(value: f64) -> f64 {
    if value <= 1.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    let step = steps.into_iter().find(|step| step * power >= value * (1.0 - 1e-9)).unwrap_or(10.0);
    // Half of the top is a tick: no half accounts.
    if step * power < 2.0 { step.ceil() * power } else { step * power }
}

#[cfg(test)]
mod tests {
    use super::round_up;

    #[test]
    fn the_top_of_a_scale_is_round() {
        assert_eq!([0.0, 1.0, 3.0, 10.0, 11.0, 230.0, 999.0].map(round_up), [1.0, 1.0, 5.0, 10.0, 20.0, 250.0, 1000.0]);
    }
}
