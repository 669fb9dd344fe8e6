//! Whether this process and others make a whole: an origin without an edge in its process has edges elsewhere.

use std::collections::BTreeSet;

use crate::complaint::Complaint;
use crate::config::Config;
use crate::config::access::edges::EDGES;
use crate::config::server::Role;

/// Complains of roles that nothing would fill, and of an origin that nobody could reach.
pub fn check(config: &Config) -> Option<Complaint> {
    let missing: BTreeSet<Role> = Role::all().difference(&config.server.roles).copied().collect();
    if missing.is_empty() {
        return None;
    }
    if missing != BTreeSet::from([Role::Edge]) {
        let fix = "leave server.roles out, where one process does everything; or write \
            [\"read\", \"write\", \"work\"] for an origin whose edges are elsewhere";
        return Some(config.complain(
            "server.roles",
            "leaves roles out that nothing else could fill: with SQLite one process reads, writes and works",
            fix,
        ));
    }
    config.access.edges.is_empty().then(|| {
        let fix = "make a key with `stepwell keys edge NAME`, and name the file with its line in access.edges_file; \
            or give this process the role \"edge\"";
        config.complain(EDGES, "names no edge, and without one nobody could reach this origin", fix)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::configuration;

    fn key(roles: &str, edges: &[(&str, &str)]) -> Option<String> {
        check(&configuration(&format!("[server]\nroles = {roles}"), edges)).map(|complaint| complaint.key)
    }

    #[test]
    fn an_origin_alone_has_edges_elsewhere_and_does_the_rest_itself() {
        let line = format!("fra {}", "a".repeat(64));
        let edges = [("STEPWELL_ACCESS_EDGES", &*line)];
        let alone = "['read', 'write', 'work']";
        assert_eq!(key("['edge', 'read', 'write', 'work']", &[]), None);
        assert_eq!(key(alone, &edges), None);
        assert_eq!(key(alone, &[]).as_deref(), Some(EDGES));
        assert_eq!(key("['read', 'write']", &edges).as_deref(), Some("server.roles"));
        assert_eq!(key("['edge', 'read', 'work']", &edges).as_deref(), Some("server.roles"));
    }
}
