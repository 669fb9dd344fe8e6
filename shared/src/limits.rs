//! Limits on what comes from outside. Each has its one home here, with what it protects.

/// Bytes of a request's path and query. Browsers and CDNs stay below 8 KB; longer targets are probes.
pub const TARGET_BYTES_MAX: usize = 8 * 1024;
/// Query parameters of one request; every filter of a collection fits, a flood does not.
pub const QUERY_PARAMETERS_MAX: usize = 64;
/// Header fields of one request.
pub const HEADERS_MAX: usize = 100;
/// Bytes of all header fields of one request; also the most that one connection may buffer before it is parsed.
pub const HEADER_BYTES_MAX: usize = 32 * 1024;
/// Bytes of a JSON body: 1,000 records of 1 KB in a batch.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a body that an edge passes on to an origin of any kind. It streams, so that memory does not bound it; what
/// is larger is no upload but a leak.
pub const UPLOAD_BYTES_MAX: u64 = 1 << 30;
/// Bytes of an answer that an edge may store; larger ones are streamed past the store.
pub const ENTRY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Records of one page of a list.
pub const PAGE_RECORDS_MAX: usize = 100;
/// Records of one page of a list when the request does not say.
pub const PAGE_RECORDS_DEFAULT: usize = 20;
/// Operations of one batch: they hold the single writer together.
pub const BATCH_OPERATIONS_MAX: usize = 100;
/// Readers that one answer of the authorised class names. Rules name a few; each is compared on every hit.
pub const READERS_MAX: usize = 16;
/// How often a request may have passed caches of this name before it counts as going round in a circle (RFC 8586): two
/// tiers and one to spare.
pub const CDN_LOOPS_MAX: usize = 3;
/// Bytes of one tag (CloudFront's limit).
pub const TAG_BYTES_MAX: usize = 256;
/// Tags of one response (CloudFront's limit).
pub const TAGS_MAX: usize = 50;
/// Records for which a list carries a tag each; longer lists carry the tag of their set's contents. Leaves room under
/// [`TAGS_MAX`] for the set, the collection and expanded relations.
pub const LIST_RECORD_TAGS_MAX: usize = 40;
/// Bytes of an access token. Ours are under 400; longer ones are probes.
pub const TOKEN_BYTES_MAX: usize = 2 * 1024;
/// Bytes of an `Idempotency-Key`.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;
/// Bytes of a password: Argon2 reads all of it, so its length is bounded (OWASP asks for at least 64).
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Characters of a password at the least (NIST SP 800-63B-4 asks for 15 where it is the only factor; 8 where others
/// exist. Ten is the default between; configuration raises it).
pub const PASSWORD_CHARACTERS_MIN: usize = 10;
/// Purges of one page of the log.
pub const PURGE_PAGE_MAX: usize = 1000;
/// The longest that an edge serves entries without a word from the log, in milliseconds. It bounds staleness.
pub const LOG_SILENCE_MAX_MS: u64 = 1000;
/// How often the log says that nothing happened, in milliseconds; several fit into the silence bound.
pub const LOG_HEARTBEAT_MS: u64 = 200;
/// Levels of arrays and objects inside one JSON value: content is shallow, and every reader recurses.
pub const JSON_DEPTH_MAX: usize = 32;
/// Errors that one answer lists; more would help nobody and grow with a hostile body.
pub const FIELD_ERRORS_MAX: usize = 50;
/// Largest integer that every JSON reader keeps exact (RFC 7493 §2.2).
pub const INTEGER_MAX: i64 = 9_007_199_254_740_991;
/// How long an edge waits for the origin's answer, in milliseconds, before it says that the origin is unreachable.
pub const ORIGIN_TIMEOUT_MS: u64 = 30_000;
/// How long a connection may wait for the whole header of its next request, in milliseconds. It bounds slow clients and
/// idle connections alike, and is longer than the 60 s for which load balancers keep theirs, so that they close first.
pub const IDLE_TIMEOUT_MS: u64 = 75_000;
/// Request header fields that one stored answer may vary by. Each is normalised and compared on every lookup; origins
/// name a handful, and an answer that names more is for its own request alone.
pub const VARY_FIELDS_MAX: usize = 16;
/// How long a connection to an origin may take to be made, in milliseconds: several of TCP's first retries, which come
/// after 1 and 3 s, and little enough that a client still waits for the answer that says so.
pub const ORIGIN_CONNECT_TIMEOUT_MS: u64 = 5_000;
/// Idle connections that an edge keeps to an origin. More would hold file descriptors (a process has 1,024 by default)
/// for peaks alone.
pub const ORIGIN_IDLE_CONNECTIONS_MAX: usize = 256;
/// How long an edge keeps an idle connection to an origin, in milliseconds; shorter than the 5 s after which Node and
/// Apache close theirs (others wait longer), so that a request seldom meets a connection that is closing. Under load no
/// connection idles so long, and without load a new one costs little.
pub const ORIGIN_IDLE_TIMEOUT_MS: u64 = 4_000;
/// Groups of one `Cache-Groups` or `Cache-Group-Invalidation`. RFC 9875 §2 asks for at least 32; each costs an entry a
/// hash to keep and to check on every lookup. How long a name is does not matter, since only its hash is kept.
pub const CACHE_GROUPS_MAX: usize = 128;
/// Interim responses (1xx) that an edge passes on for one request. Hints come once or twice, and signs of progress every
/// few seconds of [`ORIGIN_TIMEOUT_MS`]; they wait in memory while the client does not read.
pub const INTERIM_RESPONSES_MAX: usize = 16;
/// Bytes of all interim responses of one request: half of what one header may have, since they hold little but links.
pub const INTERIM_BYTES_MAX: usize = HEADER_BYTES_MAX / 2;
