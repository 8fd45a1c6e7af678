//! The event loop: waits in `poll` for kernel events, calls from other threads and timers, and draws when something changed.

use std::{
    cell::RefCell,
    io,
    ops::ControlFlow,
    os::fd::AsFd,
    rc::Rc,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::eventfd::{EfdFlags, EventFd},
};
use slint::{
    EventLoopError, PlatformError,
    platform::{
        EventLoopProxy, Platform, WindowAdapter, duration_until_next_timer_update,
        software_renderer::{MinimalSoftwareWindow, RepaintBufferType},
        update_timers_and_animations,
    },
};

use super::{Figures, Open, Output, Rotation, Uevents};

/// Time between two frames of an animation: 25 a second. Nothing moves on the wall, numbers only fade for a quarter of a
/// second. The aim of at most 1 % of a core for one tile a second outranks the sixty frames of wall-ui rule 28: with them
/// such a tile costs more than twice as much, for a softness that nobody sees across a room.
const FRAME: Duration = Duration::from_millis(40);

/// What a loop is made of.
pub struct Settings {
    /// How the card is opened.
    pub open: Open,
    /// News about displays; `None` where the card never changes (a picture file).
    pub uevents: Option<Uevents>,
}

/// The Slint platform of the TV without a desktop.
///
/// Clones share one loop: one goes to [`slint::platform::set_platform`], one stays with the caller.
#[derive(Clone)]
pub struct Loop(Rc<Inner>);

struct Inner {
    window: Rc<MinimalSoftwareWindow>,
    output: RefCell<Output>,
    uevents: Option<Uevents>,
    calls: Arc<Calls>,
}

/// What other threads ask of the loop.
struct Calls {
    wake: EventFd,
    queue: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
    quit: AtomicBool,
}

impl Loop {
    /// A loop that has not looked for a display yet.
    ///
    /// # Errors
    /// The kernel gives no event descriptor.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        let output = RefCell::new(Output::new(window.clone(), settings.open));
        let calls = Arc::new(Calls {
            wake: EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?,
            queue: Mutex::default(),
            quit: AtomicBool::new(false),
        });
        Ok(Self(Rc::new(Inner { window, output, uevents: settings.uevents, calls })))
    }

    /// The picture's figures, which stay current.
    pub fn figures(&self) -> Arc<Figures> {
        self.0.output.borrow().figures()
    }

    /// The window that is shown, for a caller that is its own Slint platform.
    pub fn window(&self) -> Rc<MinimalSoftwareWindow> {
        self.0.window.clone()
    }

    /// Turns the picture.
    pub fn rotate(&self, rotation: Rotation) {
        self.0.output.borrow_mut().rotate(rotation);
    }

    /// Looks for the display for the first time, so that the window has its size before anything is laid out.
    pub fn look(&self) {
        self.0.output.borrow_mut().refresh(Instant::now());
    }

    /// One turn: does what is due, draws what changed, then waits for the next reason, at most so long.
    ///
    /// # Errors
    /// `poll` failed, which the kernel only does for want of memory.
    pub fn turn(&self, longest: Option<Duration>) -> Result<ControlFlow<()>, PlatformError> {
        let Inner { window, output, uevents, calls } = &*self.0;
        for call in calls.take() {
            call();
        }
        if calls.quit.swap(false, Ordering::Acquire) {
            return Ok(ControlFlow::Break(()));
        }
        let now = Instant::now();
        if output.borrow().retry_at().is_some_and(|at| at <= now) {
            output.borrow_mut().refresh(now);
        }
        // After whatever can change the window's size: the component hears of it here, before it is drawn.
        update_timers_and_animations();
        let mut output = output.borrow_mut();
        output.draw(now);

        let animation = (output.is_lit() && window.has_active_animations()).then_some(FRAME);
        let retry = output.retry_at().map(|at| at.saturating_duration_since(Instant::now()));
        let wait = [animation, duration_until_next_timer_update(), retry, longest].into_iter().flatten().min();
        if wait_for(&calls.wake, uevents.as_ref(), wait)? && uevents.as_ref().is_some_and(Uevents::displays_changed) {
            output.refresh(Instant::now());
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl Platform for Loop {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.0.window.clone())
    }

    fn new_event_loop_proxy(&self) -> Option<Box<dyn EventLoopProxy>> {
        Some(Box::new(Proxy(self.0.calls.clone())))
    }

    fn run_event_loop(&self) -> Result<(), PlatformError> {
        while self.turn(None)?.is_continue() {}
        Ok(())
    }
}

struct Proxy(Arc<Calls>);

impl EventLoopProxy for Proxy {
    fn quit_event_loop(&self) -> Result<(), EventLoopError> {
        self.0.quit.store(true, Ordering::Release);
        self.0.wake()
    }

    fn invoke_from_event_loop(&self, event: Box<dyn FnOnce() + Send>) -> Result<(), EventLoopError> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner).push(event);
        self.0.wake()
    }
}

impl Calls {
    fn wake(&self) -> Result<(), EventLoopError> {
        // A full counter means that the loop is awake already.
        match self.wake.write(1) {
            Ok(_) | Err(Errno::EAGAIN) => Ok(()),
            Err(_) => Err(EventLoopError::EventLoopTerminated),
        }
    }

    fn take(&self) -> Vec<Box<dyn FnOnce() + Send>> {
        std::mem::take(&mut *self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Waits for any of the descriptors; answers whether the kernel has news about displays to read.
fn wait_for(wake: &EventFd, uevents: Option<&Uevents>, wait: Option<Duration>) -> Result<bool, PlatformError> {
    let mut descriptors = vec![PollFd::new(wake.as_fd(), PollFlags::POLLIN)];
    descriptors.extend(uevents.map(|uevents| PollFd::new(uevents.as_fd(), PollFlags::POLLIN)));
    // Rounded up: waking a fraction of a millisecond early would spin until the timer is due.
    let timeout = wait.map_or(PollTimeout::NONE, |wait| {
        PollTimeout::try_from(wait.as_micros().div_ceil(1000)).unwrap_or(PollTimeout::MAX)
    });
    match poll(&mut descriptors, timeout) {
        Ok(_) => {}
        Err(Errno::EINTR) => return Ok(false),
        Err(error) => return Err(PlatformError::OtherError(Box::new(io::Error::from(error)))),
    }
    let ready = |at: usize| descriptors.get(at).is_some_and(|descriptor| descriptor.any() == Some(true));
    if ready(0) {
        // Reading sets the counter back to zero; it can only fail because nothing is there.
        let _ = wake.read();
    }
    Ok(ready(1))
}
