//! The parts that verbs share, built from flags and configuration.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use rand::RngExt;

use crate::assess::Scope;
use crate::attribute::Attributor;
use crate::catalog::Catalog;
use crate::cli::exit::Failure;
use crate::cli::{Color, Global, OutputFormat};
use crate::config::{self, Config};
use crate::ingest::Marks;
use crate::keys::{Keys, marks_seed};
use crate::mask::{MaskKey, Masker};
use crate::model::time::Timestamp;
use crate::model::timespec::{Anchors, parse_time};
use crate::model::visible;
use crate::query::Session;
use crate::store::{Access, Store, StoreError};
use crate::telemetry;

/// Names listed to somebody who gave an unknown one.
const NAMES_MAX: usize = 20;

/// How long to wait for the writer's lock.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

/// Stack of a worker thread: plans of the query engine recurse deeply in an unoptimised build.
const STACK_BYTES: usize = 16 << 20;

/// Flags, configuration and the runtime.
pub struct World {
    pub global: Global,
    pub config: Config,
    pub runtime: tokio::runtime::Runtime,
}

impl World {
    pub fn new(global: Global) -> Result<Self, Failure> {
        telemetry::start(match (global.quiet, global.verbose) {
            (true, _) => "error",
            (_, 0) => "warn",
            (_, 1) => "info",
            _ => "debug",
        });
        let config = config::load(global.config.as_deref())?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_stack_size(STACK_BYTES)
            .build()
            .map_err(|error| Failure::usage(format!("cannot start: {error}")))?;
        Ok(Self {
            global,
            config,
            runtime,
        })
    }

    pub fn now(&self) -> Timestamp {
        Utc::now().into()
    }

    pub fn data(&self) -> Result<PathBuf, Failure> {
        Ok(config::locate_data(self.global.data.as_deref())?)
    }

    pub fn format(&self) -> OutputFormat {
        self.global
            .format
            .unwrap_or(if std::io::stdout().is_terminal() {
                OutputFormat::Table
            } else {
                OutputFormat::Jsonl
            })
    }

    pub fn has_color(&self) -> bool {
        match self.global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
            }
        }
    }

    /// Says something beside the data, unless that is not wanted.
    pub fn say(&self, message: &str) {
        if !self.global.quiet {
            eprintln!("{message}");
        }
    }

    pub fn is_verbose(&self) -> bool {
        self.global.verbose > 0
    }

    pub fn catalog(&self) -> Result<Catalog, Failure> {
        let catalog = Catalog::embedded()?;
        match &self.config.catalog.folder {
            Some(folder) => Ok(catalog.with_overrides(read_folder(folder)?)?),
            None => Ok(catalog),
        }
    }

    pub fn attributor(&self) -> Result<Attributor, Failure> {
        let attributor = Attributor::new(Arc::new(self.catalog()?), self.config.attribute.clone())?;
        for tie in attributor.ties() {
            self.say(&format!(
                "warning: the integrations {} and {} both claim {}; {} is used",
                tie.used, tie.unused, tie.on, tie.used
            ));
        }
        Ok(attributor)
    }

    /// The keys of the store in `dir`.
    pub fn keys(&self, dir: &Path) -> Result<Keys, Failure> {
        Ok(Keys::new(dir, &self.config.mask, random_key)?)
    }

    /// The masker with the key of the store in `dir`, made on first use.
    pub fn masker(&self, dir: &Path) -> Result<Masker, Failure> {
        let key = self.keys(dir)?.current()?;
        Ok(Masker::new(key, self.config.mask.clone())?)
    }

    /// What is known of the beginnings of the sources of the store in `dir`.
    pub fn marks(&self, dir: &Path) -> Result<Marks, Failure> {
        Ok(Marks::new(dir, marks_seed(dir, random_key)?))
    }

    /// A masker whose stand-ins mean nothing after this run.
    pub fn passing_masker(&self) -> Result<Masker, Failure> {
        Ok(Masker::new(
            MaskKey::from_bytes(random_key()),
            self.config.mask.clone(),
        )?)
    }

    /// The store for questions, with `rates` brought up to date if a writer died before it could. Nothing of it keeps
    /// other writers out.
    pub fn open_to_read(&self, dir: &Path) -> Result<Store, Failure> {
        self.runtime.block_on(async {
            let store = Store::open(dir, Access::Read).await;
            let behind = match &store {
                Ok(store) => store.is_behind().await?,
                Err(StoreError::NoRates { .. }) => true,
                Err(_) => false,
            };
            if !behind {
                return Ok(store?);
            }
            match catch_up(dir).await {
                Ok(()) => Ok(Store::open(dir, Access::Read).await?),
                // Somebody else is writing and will do it, or nobody may write here: what is there can be shown.
                Err(error) => {
                    let store = store?;
                    self.say(&format!(
                        "note: the newest rows are not in the rates yet: {error}"
                    ));
                    Ok(store)
                }
            }
        })
    }

    /// The store for writing. A service that takes a pushed batch gives the lock back within a moment.
    pub fn open_to_write(&self, dir: &Path) -> Result<Store, Failure> {
        let started = Instant::now();
        loop {
            match self.runtime.block_on(Store::open(dir, Access::Write)) {
                Err(StoreError::Locked { .. }) if started.elapsed() < LOCK_PATIENCE => {
                    std::thread::sleep(LOCK_PATIENCE / 20);
                }
                opened => return Ok(opened?),
            }
        }
    }

    pub async fn session(&self, store: &Store) -> Result<Session, Failure> {
        let tables = store.tables().await?;
        let facts = self.catalog()?.facts();
        Ok(Session::new(
            tables.exchanges,
            tables.rates,
            &facts,
            &self.config.query,
            self.now(),
        )?)
    }

    /// The range of the flags, for an integration that the store knows. Relative times count back from the end of the
    /// data.
    pub async fn scope(
        &self,
        session: &Session,
        integration: Option<&str>,
    ) -> Result<Scope, Failure> {
        let bounds = session.find_bounds().await?;
        check_known(integration, bounds.integrations())?;
        self.scope_before(bounds.watermark(), integration)
    }

    /// As `scope`, for data that end at `watermark`.
    pub fn scope_before(
        &self,
        watermark: Option<Timestamp>,
        integration: Option<&str>,
    ) -> Result<Scope, Failure> {
        let anchors = self.anchors(watermark);
        let time =
            |text: &Option<String>| text.as_deref().map(|t| parse_time(t, anchors)).transpose();
        let (since, until) = (time(&self.global.since)?, time(&self.global.until)?);
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            return Err(Failure::usage("--since must be before --until"));
        }
        Ok(Scope {
            integration: integration.map(str::to_owned),
            since,
            until,
        })
    }

    /// Whether a range was named.
    pub fn has_range(&self) -> bool {
        self.global.since.is_some() || self.global.until.is_some()
    }

    /// What relative times count back from, for data that end at `watermark`.
    pub fn anchors(&self, watermark: Option<Timestamp>) -> Anchors {
        let now = self.now();
        Anchors {
            now,
            latest: watermark.unwrap_or(now),
        }
    }
}

/// A misspelt name must not look like an integration without failures.
pub fn check_known<'n>(
    integration: Option<&str>,
    known: impl Iterator<Item = &'n str>,
) -> Result<(), Failure> {
    let known: Vec<&str> = known.collect();
    match integration {
        Some(name) if !known.contains(&name) => Err(unknown(name, &known)),
        _ => Ok(()),
    }
}

fn unknown(name: &str, known: &[&str]) -> Failure {
    let there: Vec<String> = known
        .iter()
        .take(NAMES_MAX)
        .map(|n| visible::line(n))
        .collect();
    Failure::usage(match known.len() {
        0 => format!("there is no integration {name:?}, nor any other"),
        n if n > NAMES_MAX => format!(
            "there is no integration {name:?}; there are {} and {} more",
            there.join(", "),
            n - NAMES_MAX
        ),
        _ => format!(
            "there is no integration {name:?}; there are {}",
            there.join(", ")
        ),
    })
}

async fn catch_up(dir: &Path) -> Result<(), StoreError> {
    let mut writer = Store::open(dir, Access::Write).await?;
    writer.roll_up().await
}

fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("{}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            let text = fs::read_to_string(&path).map_err(failed)?;
            files.push((path.to_string_lossy().into_owned(), text));
        }
    }
    files.sort();
    Ok(files)
}

/// From the generator of this thread, which the operating system has seeded.
fn random_key() -> [u8; 32] {
    rand::rng().random()
}
