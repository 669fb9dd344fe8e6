//! Options that several subcommands have.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::config::Config;
use crate::config::reader::Override;
use crate::config::server::Role;
use crate::config::value::Setting;

use super::Failure;

/// Which configuration, and where the data is.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ConfigOptions {
    /// The configuration. Without it, stepwell.toml of the current folder; where that is not, the defaults and the
    /// built-in example.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The data folder (data.folder).
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// What `serve` can be told on the command line.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ServeOptions {
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigOptions,
    /// The address that clients reach (server.listen), such as 127.0.0.1:8080.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// What this process does (server.roles).
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    pub roles: Vec<Role>,
    /// Threads that serve requests; 0 is one a core (server.threads).
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

/// What `edge` can be told on the command line.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct EdgeOptions {
    /// The configuration. Without it, stepwell.toml of the current folder; where that is not, the defaults.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where answers come from (edge.origin): http:// or https://, host and port.
    #[arg(long, value_name = "URL")]
    pub origin: Option<String>,
    /// The address that clients reach (server.listen), such as 127.0.0.1:8080.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Threads that serve requests; 0 is one a core (server.threads).
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

impl ConfigOptions {
    /// The configuration, checked.
    pub fn load(&self) -> Result<Config, Failure> {
        Ok(Config::load(self.config.as_deref(), &self.overrides())?)
    }

    fn overrides(&self) -> Vec<Override> {
        given("data.folder", "--data", self.data.as_ref()).into_iter().collect()
    }
}

impl ServeOptions {
    /// The configuration, checked.
    pub fn load(&self) -> Result<Config, Failure> {
        let mut overrides = self.config.overrides();
        let roles: Option<BTreeSet<Role>> =
            (!self.roles.is_empty()).then(|| self.roles.iter().copied().collect());
        overrides.extend(given("server.listen", "--listen", self.listen.as_ref()));
        overrides.extend(given("server.roles", "--roles", roles.as_ref()));
        overrides.extend(given("server.threads", "--threads", self.threads.as_ref()));
        Ok(Config::load(self.config.config.as_deref(), &overrides)?)
    }
}

impl EdgeOptions {
    /// The configuration, checked.
    pub fn load(&self) -> Result<Config, Failure> {
        let overrides: Vec<Override> = [
            given("edge.origin", "--origin", self.origin.as_ref()),
            given("server.listen", "--listen", self.listen.as_ref()),
            given("server.threads", "--threads", self.threads.as_ref()),
        ]
        .into_iter()
        .flatten()
        .collect();
        Ok(Config::load(self.config.as_deref(), &overrides)?)
    }
}

fn given<T: Setting>(key: &'static str, flag: &'static str, value: Option<&T>) -> Option<Override> {
    value.map(|value| Override { key, flag, value: value.write() })
}
