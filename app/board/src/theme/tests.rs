#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use palette::{FromColor, Lab, LinSrgb, Srgb, color_difference::Ciede2000, white_point::D65};

use super::*;

const THEMES: [Theme; 3] = [Theme::Midnight, Theme::Daylight, Theme::Signal];

/// How a colour looks with full protanopia, deuteranopia and tritanopia, in linear sRGB (Machado, Oliveira and
/// Fernandes 2009, severity 1.0).
const BLINDNESS: [[[f64; 3]; 3]; 3] = [
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
];

/// As it appears to a person with the given blindness.
fn seen(colour: Rgb, blindness: &[[f64; 3]; 3]) -> Lab<D65, f64> {
    let linear: LinSrgb<f64> = Srgb::<u8>::from(colour).into_linear();
    let channel = |row: [f64; 3]| row[0] * linear.red + row[1] * linear.green + row[2] * linear.blue;
    let [red, green, blue] = blindness.map(channel).map(|light| light.clamp(0.0, 1.0));
    Lab::from_color(LinSrgb::new(red, green, blue))
}

/// The lower contrast against background and surface, cut to one decimal, in tenths.
fn on_both(tokens: &Tokens, colour: Rgb) -> u32 {
    let lower = contrast(colour, tokens.background).min(contrast(colour, tokens.surface));
    (lower * 10.0).floor() as u32
}

#[test]
fn every_theme_reaches_the_published_contrast() {
    // Border, text, muted, accent, ok, warn, critical, fill; in tenths.
    let published = [
        (Theme::Midnight, [30, 155, 83, 70, 127, 125, 70, 87]),
        (Theme::Daylight, [30, 158, 77, 70, 76, 72, 125, 81]),
        (Theme::Signal, [30, 210, 210, 133, 111, 165, 104, 104]),
    ];
    for (theme, figures) in published {
        let tokens = tokens(theme);
        let Tokens { border, text, muted, accent, ok, warn, critical, on_fill, .. } = tokens;
        let fill = [ok, warn, critical].map(|status| contrast(on_fill, status)).into_iter().fold(21.0, f64::min);
        let reached = [border, text, muted, accent, ok, warn, critical].map(|colour| on_both(&tokens, colour));
        assert_eq!([reached.as_slice(), &[(fill * 10.0).floor() as u32]].concat(), figures, "{theme:?}");
    }
}

#[test]
fn words_and_status_reach_seven_to_one_and_edges_three() {
    for theme in THEMES {
        let tokens = tokens(theme);
        let Tokens { border, text, muted, accent, ok, warn, critical, on_fill, .. } = tokens;
        for colour in [text, muted, accent, ok, warn, critical] {
            assert!(on_both(&tokens, colour) >= 70, "{theme:?} {colour:06X}");
        }
        assert!(on_both(&tokens, border) >= 30, "{theme:?} border");
        for fill in [accent, ok, warn, critical] {
            assert!(contrast(on_fill, fill) >= 7.0, "{theme:?} on {fill:06X}");
        }
    }
}

#[test]
fn status_colours_stay_apart_for_colour_blind_people() {
    // The smallest published differences with protanopia, deuteranopia and tritanopia.
    let published = [(Theme::Midnight, [21, 22, 22]), (Theme::Daylight, [15, 14, 13]), (Theme::Signal, [22, 17, 19])];
    for (theme, figures) in published {
        let Tokens { ok, warn, critical, .. } = tokens(theme);
        let smallest = BLINDNESS.map(|blindness| {
            let pairs = [(ok, warn), (warn, critical), (critical, ok)];
            let difference = |(one, other)| seen(one, &blindness).difference(seen(other, &blindness));
            pairs.map(difference).into_iter().fold(f64::INFINITY, f64::min)
        });
        for (difference, figure) in smallest.into_iter().zip(figures) {
            assert!(difference >= 13.0, "{theme:?}: {smallest:?}");
            assert!((difference - f64::from(figure)).abs() < 1.0, "{theme:?}: {smallest:?}, published {figures:?}");
        }
    }
}

#[test]
fn edge_and_track_are_tints_of_the_border_as_in_the_target_pictures() {
    let midnight = tokens(Theme::Midnight);
    assert_eq!((midnight.edge, midnight.track), (0x1F2D4B, 0x283A61));
    let signal = tokens(Theme::Signal);
    assert_eq!((signal.edge, signal.track, signal.patterns), (signal.border, signal.border, true));
}

#[test]
fn each_step_of_a_heatmap_stands_out_more_than_the_one_before() {
    for theme in THEMES {
        let tokens = tokens(theme);
        let steps: Vec<f64> = (0..5).map(|step| contrast(tokens.heat(step), tokens.surface)).collect();
        assert!(steps.windows(2).all(|pair| pair[1] > pair[0] * 1.15), "{theme:?}: {steps:?}");
    }
    assert_eq!(tokens(Theme::Midnight).heat(1), 0x274164, "a quarter of the accent");
}

#[test]
fn contrast_is_the_formula_of_wcag() {
    assert_eq!(contrast(0x000000, 0xFFFFFF), 21.0);
    assert_eq!(contrast(0x777777, 0x777777), 1.0);
    // The well-known border case of 4.5:1 on white.
    assert!((contrast(0x767676, 0xFFFFFF) - 4.54).abs() < 0.005);
}

#[test]
fn colour_differences_agree_with_published_test_data() {
    // Sharma, Wu and Dalal 2005, pairs 1, 9 and 17.
    let data = [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0009], 7.1792),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
    ];
    for (one, other, difference) in data {
        let lab = |[l, a, b]: [f64; 3]| Lab::<D65, f64>::new(l, a, b);
        assert!((lab(one).difference(lab(other)) - difference).abs() < 1e-4);
    }
}
