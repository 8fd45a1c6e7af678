//! The pairing screen.

use device::Pairing;
use jiff::Timestamp;
use qrcode::{Color, EcLevel, QrCode};
use slint::{Image, ModelRc, Rgb8Pixel, SharedPixelBuffer};
use tv_components::PairingData;

/// The code as a picture of one pixel per module, kept while the code stays the same.
pub(super) struct Square {
    content: String,
    image: Image,
    modules: i32,
}

impl Square {
    fn of(content: &str) -> Self {
        // Medium correction survives glare on a screen; what is too long for a code is left out, the code itself is beside.
        let Ok(code) = QrCode::with_error_correction_level(content, EcLevel::M) else {
            return Self { content: content.to_owned(), image: Image::default(), modules: 0 };
        };
        let side = code.width();
        let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(side as u32, side as u32);
        for (pixel, module) in buffer.make_mut_slice().iter_mut().zip(code.to_colors()) {
            *pixel = match module {
                Color::Dark => Rgb8Pixel::new(0x0B, 0x12, 0x20),
                Color::Light => Rgb8Pixel::new(0xFF, 0xFF, 0xFF),
            };
        }
        Self { content: content.to_owned(), image: Image::from_rgb8(buffer), modules: side as i32 }
    }

    /// The square for `content`, drawn anew only where it is another.
    pub(super) fn keep<'a>(kept: &'a mut Option<Self>, content: &str) -> &'a Self {
        if kept.as_ref().is_none_or(|square| square.content != content) {
            *kept = None;
        }
        kept.get_or_insert_with(|| Self::of(content))
    }
}

/// Everything but the QR code's and the code's models, which the caller keeps.
pub(super) fn data(
    pairing: &Pairing,
    square: &Square,
    code: ModelRc<slint::SharedString>,
    now: Timestamp,
) -> PairingData {
    let lifetime = pairing.expires_at.duration_since(pairing.issued_at).as_secs_f32();
    let left = pairing.expires_at.duration_since(now).as_secs_f32().max(0.0);
    let network = pairing.network.as_ref();
    // Who was found may be anybody, and nobody is to be sent to a page of his.
    let (place, task) = match pairing.found_among {
        Some(_) => ("Type this code on your Nexus page:".to_owned(), "Screens → Add."),
        None => (format!("On {},", pairing.server), "open Screens → Add and type this code."),
    };
    PairingData {
        place: place.into(),
        task: task.into(),
        whole_code: pairing.code.as_str().into(),
        code,
        qr: square.image.clone(),
        qr_modules: square.modules,
        // In steps of one pixel of a 1080p screen, so that the bar is drawn again only when it moves.
        left: if lifetime > 0.0 { (left / lifetime * 1824.0).round().min(1824.0) / 1824.0 } else { 0.0 },
        renewal: match left as u32 {
            0 => "new code in a moment".into(),
            seconds @ 1..60 => format!("new code in {seconds} s").into(),
            seconds => format!("new code in {} min", seconds / 60).into(),
        },
        opens_page: pairing.qr.starts_with("https://"),
        found: match pairing.found_among {
            Some(among @ 2..) => format!("Server: {}, one of {among}", pairing.server).into(),
            Some(_) => format!("Server: {}, found here", pairing.server).into(),
            None => "".into(),
        },
        network: network
            .map(|network| format!("Network: {}, {}", network.name, network.address))
            .unwrap_or_default()
            .into(),
        confirm: pairing.confirm.clone().unwrap_or_default().into(),
    }
}
