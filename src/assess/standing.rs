//! The judgement of a service: kept from version to version of the tables, so that a new minute costs a minute's work.

use std::sync::{Arc, Mutex, PoisonError};

use crate::assess::join::on_blocking_pool;
use crate::model::evidence::Evidence;
use crate::model::time::{TimeRange, Timestamp};
use crate::query::{QueryError, Session};
use crate::verdict::{Judgement, Keeper, Settings};

/// Where the history of more integrations is needed, all are asked for at once: a scan costs more than the rows.
const ASKED_ALONE_MAX: usize = 8;

/// What stands, as of the last version that was asked about.
pub struct Standing {
    settings: Settings,
    keeper: Arc<Mutex<Keeper>>,
    judgement: Arc<Judgement>,
    watermark: Option<Timestamp>,
}

impl Standing {
    pub fn new(settings: &Settings) -> Self {
        Self {
            settings: settings.clone(),
            keeper: Arc::new(Mutex::new(Keeper::new(settings))),
            judgement: Arc::default(),
            watermark: None,
        }
    }

    pub fn judgement(&self) -> Arc<Judgement> {
        Arc::clone(&self.judgement)
    }

    /// Goes on to the session's tables; `changed` is the earliest window that has changed since the last time.
    pub async fn go_on(
        &mut self,
        session: &Session,
        changed: Option<Timestamp>,
    ) -> Result<(), QueryError> {
        let bounds = session.find_bounds().await?;
        let Some(all) = bounds.range(None) else {
            return Ok(());
        };
        let final_until = self.on_keeper(|keeper| keeper.final_until()).await?;
        let is_later = self.watermark.is_some_and(|before| before <= all.until);
        let stays = final_until.filter(|from| is_later && changed.is_none_or(|at| at >= *from));
        // Whatever goes wrong on the way, the next question begins anew.
        self.watermark = None;
        match stays {
            Some(since) => self.take_next(session, all, since).await?,
            None => self.begin(session, all).await?,
        }
        self.judgement = Arc::new(self.on_keeper(|keeper| keeper.judgement()).await?);
        self.watermark = Some(all.until);
        Ok(())
    }

    async fn begin(&self, session: &Session, all: TimeRange) -> Result<(), QueryError> {
        let evidence = session.find_evidence(all, None).await?;
        let settings = self.settings.clone();
        self.on_keeper(move |keeper| {
            *keeper = Keeper::new(&settings);
            keeper.begin(&evidence);
        })
        .await
    }

    async fn take_next(
        &self,
        session: &Session,
        all: TimeRange,
        since: Timestamp,
    ) -> Result<(), QueryError> {
        let next = TimeRange { since, ..all };
        let counts = session.find_counts(next, None).await?;
        let needed = self.on_keeper(move |keeper| keeper.go_on(&counts)).await?;
        if needed.len() > ASKED_ALONE_MAX {
            return self.begin(session, all).await;
        }
        for integration in needed {
            let evidence = session.find_evidence(all, Some(&integration)).await?;
            self.on_keeper(move |keeper| keeper.begin(&evidence))
                .await?;
        }
        let asked = self.on_keeper(|keeper| keeper.to_look_at()).await?;
        let seen: Evidence = session.find_seen(all, &asked).await?;
        self.on_keeper(move |keeper| keeper.look(&asked, &seen))
            .await
    }

    async fn on_keeper<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Keeper) -> T + Send + 'static,
    ) -> Result<T, QueryError> {
        let keeper = Arc::clone(&self.keeper);
        on_blocking_pool(move || work(&mut keeper.lock().unwrap_or_else(PoisonError::into_inner)))
            .await
    }
}
