//! Alerts: the last ones with what became of them, which are on, and a test (panel catalogue, panel 46).

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use desk::alert::{Limits, Rule};
use http::StatusCode;

use super::{
    page::{failed, page},
    signed_in::SignedIn,
};
use crate::{
    alerts::{self, is_overdue, minutes},
    app::App,
    serve::Peer,
    settings,
    store::{Action, Delivery, Outgoing},
};

/// How many are listed.
const LISTED: u32 = 10;

#[derive(Template)]
#[template(path = "alerts.html")]
struct AlertsPage {
    alerts: Vec<Row>,
    rules: Vec<(String, bool)>,
    demo: bool,
}

struct Row {
    summary: String,
    at: String,
    state: &'static str,
    ok: bool,
    overdue: bool,
    tries: u32,
    told: String,
}

/// `GET /admin/alerts`
pub(super) async fn list(State(app): State<Arc<App>>, _: SignedIn) -> Response {
    let newest = match app.store.newest_alerts(LISTED).await {
        Ok(newest) => newest,
        Err(error) => return failed(&error),
    };
    let settings = app.settings();
    let limits = settings.alerts.limits();
    let rules = Rule::ALL.map(|rule| (named(rule, &limits), settings.alerts.is_on(rule))).to_vec();
    let demo = matches!(settings.desk, settings::Desk::Demo(_));
    page(
        StatusCode::OK,
        &AlertsPage { alerts: newest.into_iter().map(|alert| row(&app, alert)).collect(), rules, demo },
    )
}

fn row(app: &App, alert: Outgoing) -> Row {
    let overdue = is_overdue(&alert, app.clock.now());
    let state = match alert.delivery {
        Delivery::Pending if alert.tries == 0 => "Being sent",
        Delivery::Pending => "Tried again soon",
        Delivery::Delivered => "Delivered",
        Delivery::GivenUp => "Given up",
        Delivery::Unsent => "Not sent",
    };
    Row {
        summary: alert.summary,
        at: app.worded(alert.at),
        state,
        ok: alert.delivery == Delivery::Delivered,
        overdue,
        tries: alert.tries,
        told: alert.told,
    }
}

fn named(rule: Rule, limits: &Limits) -> String {
    match rule {
        Rule::SlaBreach => "An SLA clock is breached".to_owned(),
        Rule::SlaWarning => format!("{} left on an urgent or high SLA clock", minutes(limits.warning)),
        Rule::UnassignedUrgent => format!("An urgent ticket without an owner for {}", minutes(limits.unassigned)),
        Rule::QueueSpike => {
            let percent = limits.spike.critical.map_or(f64::INFINITY, desk::Line::value);
            format!("More than {percent} % of the new tickets of last week")
        }
        Rule::ProviderDown => format!("The helpdesk cannot be read for {}", minutes(limits.down)),
    }
}

/// `POST /admin/alerts/test`
pub(super) async fn test(State(app): State<Arc<App>>, signed_in: SignedIn, peer: Peer) -> Response {
    let now = app.clock.now();
    let sent = async {
        let alert = alerts::test(&app.settings(), now)?;
        app.store.enqueue(&alert).await?;
        let subject = alert.id.to_string();
        app.store.record(signed_in.admin.name(), Action::AlertTested, &subject, peer.0.ip(), now).await
    };
    match sent.await {
        Ok(()) => {
            app.alert_raised.notify_one();
            Redirect::to("/admin/alerts").into_response()
        }
        Err(error) => failed(&error),
    }
}
