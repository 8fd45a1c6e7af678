//! The TV at work: hands what was heard to the rules, and what they answer to the picture and the network.

use std::{
    cell::RefCell,
    rc::{Rc, Weak},
    time::Instant,
};

use device::{Live, Report};
use jiff::Timestamp;
use slint::{PlatformError, Timer};
use tokio::sync::{mpsc, watch};

use crate::{
    app::{Action, App, Event, Now},
    network::Network,
    platform::Rotation,
    view::Ui,
};

/// What the wall asks of the display that it is drawn on.
pub trait Surface {
    /// Turns the picture.
    fn rotate(&self, rotation: Rotation);

    /// How the drawing goes.
    fn alive(&self) -> Report;

    /// Called after each change of what is shown.
    fn shown(&self, ui: &Ui);
}

/// Shows the wall, as `app` knows it, until the program is asked to end.
///
/// # Errors
/// The event loop cannot run.
pub fn run(ui: Ui, surface: Box<dyn Surface>, app: App, network: Network) -> Result<(), PlatformError> {
    let Network { mut events, target, reports } = network;
    let wall = Rc::new_cyclic(|wall: &Weak<RefCell<Wall>>| {
        let resized = wall.clone();
        ui.on_resized(move || {
            // A wall that is just being shown sees the new size by itself.
            if let Some(wall) = resized.upgrade()
                && let Ok(mut wall) = wall.try_borrow_mut()
            {
                wall.show();
            }
        });
        RefCell::new(Wall { app, ui, surface, target, reports, started: Instant::now() })
    });
    tick(&wall);
    let listener = Rc::downgrade(&wall);
    slint::spawn_local(async move {
        while let Some(event) = events.recv().await {
            let Some(wall) = listener.upgrade() else { return };
            let mut wall = wall.borrow_mut();
            wall.handle(event);
            while let Ok(event) = events.try_recv() {
                wall.handle(event);
            }
            wall.show();
        }
    })
    .map_err(|error| PlatformError::Other(error.to_string()))?;
    slint::run_event_loop()
}

struct Wall {
    app: App,
    ui: Ui,
    surface: Box<dyn Surface>,
    target: watch::Sender<Option<Live>>,
    reports: mpsc::Sender<Report>,
    started: Instant,
}

impl Wall {
    fn handle(&mut self, event: Event) {
        for action in self.app.handle(event, self.now()) {
            match action {
                Action::Follow(live) => self.follow(Some(*live)),
                Action::Leave => self.follow(None),
                Action::Report(connection) => self.report(Report::Connection { connection }),
                Action::ReportAlive => self.report(self.surface.alive()),
                Action::Rotate(degrees) => match Rotation::from_degrees(degrees) {
                    Some(rotation) => self.surface.rotate(rotation),
                    None => {
                        tracing::warn!("a rotation of {degrees} degrees is none of 0, 90, 180 and 270; it is ignored")
                    }
                },
                Action::ReduceMotion(reduced) => self.ui.reduce_motion(reduced),
            }
        }
    }

    fn follow(&self, live: Option<Live>) {
        self.target.send_replace(live);
    }

    fn report(&self, report: Report) {
        // An agent that takes no reports is away, or hears the next one.
        if let Err(error) = self.reports.try_send(report) {
            tracing::debug!("a report to the agent is dropped: {error}");
        }
    }

    fn show(&mut self) {
        let now = self.now();
        self.ui.show(&self.app.screen(now), self.app.time(now));
        self.surface.shown(&self.ui);
    }

    fn now(&self) -> Now {
        Now { since_start: self.started.elapsed(), wall: Timestamp::now() }
    }
}

/// Once a second, when the wall's clock turns.
fn tick(wall: &Rc<RefCell<Wall>>) {
    let wait = {
        let mut wall = wall.borrow_mut();
        wall.handle(Event::Tick);
        wall.show();
        wall.app.until_next_second(wall.now())
    };
    let wall = Rc::downgrade(wall);
    Timer::single_shot(wait, move || {
        if let Some(wall) = wall.upgrade() {
            tick(&wall);
        }
    });
}
