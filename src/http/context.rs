//! What handlers may use: the store, the questions, the judge's settings. Cheap to clone.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use tokio::sync::Mutex;

use crate::assess::{self, Scope};
use crate::catalog::Fact;
use crate::http::body::read_body;
use crate::http::counts::PushCounts;
use crate::http::error::ApiError;
use crate::live::{Pusher, Room};
use crate::model::time::Timestamp;
use crate::model::timespec::Anchors;
use crate::query::{self, Bounds, Session};
use crate::store::Store;
use crate::verdict::{self, Judgement};

/// Judgements kept for one version of the tables; a page asks for the same few again and again.
const JUDGEMENTS_MAX: usize = 32;

/// What the service is built from.
pub struct Rooms {
    pub store: Store,
    pub facts: Vec<Fact>,
    pub query: query::Settings,
    pub verdict: verdict::Settings,
    /// Takes what is pushed.
    pub pusher: Pusher,
    /// Time for the first bytes of a body.
    pub body_patience: Duration,
    /// The wall clock, so that tests can hold it still.
    pub clock: fn() -> Timestamp,
}

#[derive(Clone)]
pub struct Context(Arc<Inner>);

struct Inner {
    store: Mutex<Store>,
    facts: Vec<Fact>,
    query: query::Settings,
    verdict: verdict::Settings,
    pusher: Pusher,
    push_counts: PushCounts,
    body_patience: Duration,
    clock: fn() -> Timestamp,
    judged: Mutex<Judged>,
    standing: Mutex<Standing>,
}

/// Judgements as of an earlier instant, of one version of the tables.
#[derive(Default)]
struct Judged {
    version: u64,
    by_end: Vec<(Timestamp, Arc<Judgement>)>,
}

/// The judgement as of the watermark, and the version that it has seen.
struct Standing {
    version: Option<u64>,
    standing: assess::Standing,
}

/// The tables as of one request.
pub struct View {
    pub session: Session,
    pub version: u64,
}

impl Context {
    pub fn new(rooms: Rooms) -> Self {
        let standing = Standing {
            version: None,
            standing: assess::Standing::new(&rooms.verdict),
        };
        Self(Arc::new(Inner {
            store: Mutex::new(rooms.store),
            facts: rooms.facts,
            query: rooms.query,
            verdict: rooms.verdict,
            pusher: rooms.pusher,
            push_counts: PushCounts::default(),
            body_patience: rooms.body_patience,
            clock: rooms.clock,
            judged: Mutex::default(),
            standing: Mutex::new(standing),
        }))
    }

    pub fn pusher(&self) -> &Pusher {
        &self.0.pusher
    }

    /// The whole body of a request, with the memory that is set aside for it.
    pub async fn body(&self, headers: &HeaderMap, body: Body) -> Result<(Vec<u8>, Room), ApiError> {
        let taken = read_body(headers, body, &self.0.pusher, self.0.body_patience).await?;
        self.0.push_counts.add_bytes(taken.0.len());
        Ok(taken)
    }

    pub fn push_counts(&self) -> &PushCounts {
        &self.0.push_counts
    }

    pub fn now(&self) -> Timestamp {
        (self.0.clock)()
    }

    /// The newest version that is committed.
    pub async fn view(&self) -> Result<View, ApiError> {
        let mut store = self.0.store.lock().await;
        store.refresh().await?;
        let tables = store.tables().await?;
        let session = Session::new(
            tables.exchanges,
            tables.rates,
            &self.0.facts,
            &self.0.query,
            self.now(),
        )?;
        Ok(View {
            session,
            version: store.version(),
        })
    }

    /// All verdicts as of the end of the scope, and the episodes before it.
    pub async fn judgement(&self, view: &View, scope: &Scope) -> Result<Arc<Judgement>, ApiError> {
        // What is shown does not change what is judged.
        match scope.until {
            None => self.standing(view).await,
            Some(until) => self.judgement_as_of(view, until).await,
        }
    }

    async fn standing(&self, view: &View) -> Result<Arc<Judgement>, ApiError> {
        let mut own = self.0.standing.lock().await;
        // Another question may have gone on further meanwhile.
        if own.version.is_some_and(|seen| seen >= view.version) {
            return Ok(own.standing.judgement());
        }
        let changed = match own.version.take() {
            Some(seen) => self.0.store.lock().await.changed_since(seen).await?,
            None => None,
        };
        own.standing.go_on(&view.session, changed).await?;
        own.version = Some(view.version);
        Ok(own.standing.judgement())
    }

    async fn judgement_as_of(
        &self,
        view: &View,
        until: Timestamp,
    ) -> Result<Arc<Judgement>, ApiError> {
        let mut judged = self.0.judged.lock().await;
        if judged.version != view.version {
            *judged = Judged {
                version: view.version,
                by_end: Vec::new(),
            };
        }
        if let Some((_, known)) = judged.by_end.iter().find(|(end, _)| *end == until) {
            return Ok(Arc::clone(known));
        }
        let scope = Scope {
            until: Some(until),
            ..Scope::default()
        };
        let judgement =
            Arc::new(assess::judge_series(&view.session, &self.0.verdict, &scope).await?);
        if judged.by_end.len() == JUDGEMENTS_MAX {
            judged.by_end.remove(0);
        }
        judged.by_end.push((until, Arc::clone(&judgement)));
        Ok(judgement)
    }

    pub fn verdict_settings(&self) -> &verdict::Settings {
        &self.0.verdict
    }

    /// The range of the data, or a refusal when the scope names an integration that the store does not know.
    pub async fn bounds(&self, view: &View, scope: &Scope) -> Result<Bounds, ApiError> {
        let bounds = view.session.find_bounds().await?;
        match &scope.integration {
            Some(name) if bounds.first(name).is_none() => Err(ApiError::not_found(format!(
                "there is no integration {name:?} in the store"
            ))),
            _ => Ok(bounds),
        }
    }

    pub async fn anchors(&self, view: &View) -> Result<Anchors, ApiError> {
        let now = self.now();
        let latest = view.session.find_bounds().await?.watermark().unwrap_or(now);
        Ok(Anchors { now, latest })
    }
}
