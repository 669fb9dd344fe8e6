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
/// How far the time of an edge's signature may be from the origin's, in seconds: clocks that are kept by NTP differ by
/// less than one, those that are kept badly by some, and a signed request that somebody has seen is of use for no longer.
pub const EDGE_SIGNATURE_SKEW_MAX_S: u64 = 60;
/// Bytes of the key that an edge shares with its origin, at the least: what HMAC-SHA-256 gives out (RFC 2104 §3).
pub const EDGE_KEY_BYTES_MIN: usize = 32;
/// Keys of one edge that are good at the same time: the old one and the new one while it is replaced.
pub const EDGE_KEYS_EACH_MAX: usize = 2;
/// Bytes of an edge's name: it stands in every signature, and in what operators read.
pub const EDGE_NAME_BYTES_MAX: usize = 64;
/// Purges of one page of the log.
pub const PURGE_PAGE_MAX: usize = 1000;
/// The longest that an edge serves entries without a word from the log, in milliseconds. It bounds staleness.
pub const LOG_SILENCE_MAX_MS: u64 = 1000;
/// How often the log says that nothing happened, in milliseconds; several fit into the silence bound.
pub const LOG_HEARTBEAT_MS: u64 = 200;
/// How long the answer to a change waits for the edge that it passes to hear of the change: the way of a page of the log and
/// back between continents. An edge that has lost the log delays changes by no more.
pub const LOG_WAIT_MAX_MS: u64 = 100;
/// Levels of arrays and objects inside one JSON value: content is shallow, and every reader recurses.
pub const JSON_DEPTH_MAX: usize = 32;
/// Errors that one answer lists; more would help nobody and grow with a hostile body.
pub const FIELD_ERRORS_MAX: usize = 50;
/// Largest integer that every JSON reader keeps exact (RFC 7493 §2.2).
pub const INTEGER_MAX: i64 = 9_007_199_254_740_991;
/// How long an edge waits for the origin's answer, in milliseconds, before it says that the origin is unreachable.
pub const ORIGIN_TIMEOUT_MS: u64 = 30_000;
/// How long a connection may rest between two requests, in milliseconds: longer than the 60 s for which load balancers
/// keep theirs, so that they close first, and a request never meets a connection that closes.
pub const IDLE_TIMEOUT_MS: u64 = 75_000;
/// How long the header of a request may take from its first byte, in milliseconds. It comes in one packet or a few, and
/// three losses of one on a bad line are repaired in 7 s; whoever takes longer keeps a connection from others.
pub const HEADER_TIMEOUT_MS: u64 = 10_000;
/// How long TLS may take to be agreed upon, in milliseconds: two round trips, and as much loss as a header may have.
pub const HANDSHAKE_TIMEOUT_MS: u64 = 10_000;
/// How long a client may stop amid a message, sending its own or taking ours, in milliseconds: a phone that changes from
/// one network to another is back sooner.
pub const STALL_TIMEOUT_MS: u64 = 30_000;
/// Bytes of a request's body that a client sends in a second of waiting for it at the least, past the first
/// [`STALL_TIMEOUT_MS`] (Apache asks for as much): the slowest modem sends ten times that.
pub const UPLOAD_BYTES_PER_SECOND_MIN: u64 = 500;
/// Connections that are open at the same time. One that does nothing takes about 10 KB, one with the largest header
/// 50 KB, so that all of them fit beside the store; and each takes a file descriptor.
pub const CONNECTIONS_MAX: usize = 10_000;
/// Connections from one address, a tenth of all: more than a school or a mobile network behind one address opens, and
/// ten machines are needed to keep everybody else out. A balancer or CDN in front needs a larger one.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 1_000;
/// Requests that wait for their answers at the same time. Hits never wait; at the design's 4,000 writes a second in a
/// peak this is a second's work, and who comes later is better told at once.
pub const REQUESTS_MAX: usize = 4_096;
/// Reads that the origin works on at the same time, at the least and at the most; between, it finds out. Fewer leave
/// readers of the database idle, and more wait nowhere than [`REQUESTS_MAX`] lets in.
pub const READS_AT_ONCE: (usize, usize) = (16, 1_024);
/// How long a read may take in the mean before fewer are let in, in milliseconds: a list takes one or two, and people
/// take what comes within a tenth of a second for immediate.
pub const READS_TARGET_MS: u64 = 50;
/// The same for changes. They are committed in groups, so that few places would make small groups; and the writer's queue
/// has as many places as the most here.
pub const WRITES_AT_ONCE: (usize, usize) = (64, 1_024);
/// The same for changes: three syncs of a slow disk.
pub const WRITES_TARGET_MS: u64 = 100;
/// The same for log-ins and whatever else hashes a password. One runs and one waits at the least.
pub const LOG_INS_AT_ONCE: (usize, usize) = (2, 256);
/// The same for log-ins: each takes a core for tens of milliseconds on purpose, and nobody logs in all the time.
pub const LOG_INS_TARGET_MS: u64 = 500;
/// Requests of one HTTP/2 connection that are under way at the same time: what browsers ask for, and RFC 9113 §6.5.2
/// recommends no less than 100.
pub const HTTP2_STREAMS_MAX: u32 = 128;
/// Requests of one HTTP/2 connection that its client took back before they were answered, beyond as many as were
/// answered. Browsers take back a page's worth when somebody leaves it; a rapid reset (CVE-2023-44487) takes back all.
pub const HTTP2_RESETS_MAX: usize = 256;
/// The same that wait to be looked at, at one moment; h2's own default.
pub const HTTP2_RESETS_PENDING_MAX: usize = 20;
/// Streams that an HTTP/2 connection may break by errors of its own before it is closed (RUSTSEC-2024-0003). A correct
/// client breaks none.
pub const HTTP2_ERRORS_MAX: usize = 32;
/// Bytes of an answer that wait in one HTTP/2 stream for its client to take them; all streams of a connection together
/// hold 8 MiB at the most.
pub const HTTP2_SEND_BYTES_MAX: usize = 64 * 1024;
/// How often an HTTP/2 client is asked whether it is still there, and how long it has to answer, in milliseconds: a
/// client that is gone without a word is noticed before its connection would count as idle.
pub const HTTP2_PING_MS: u64 = 20_000;
/// How long requests under way may take to finish once the server stops, in milliseconds. Orchestrators kill what has
/// not stopped after 30 s.
pub const DRAIN_TIMEOUT_MS: u64 = 25_000;
/// How long a connection of HTTP/1 that rests may stay once the server closes its connections, in milliseconds: a request
/// that is on its way is answered, and the answer says that the connection ends.
pub const DRAIN_IDLE_MS: u64 = 1_000;
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
/// Wrong passwords at once for one account: whoever forgot which of theirs it is gets far enough, and fewer would let
/// anybody keep an account's owner out.
pub const GUESSES_OF_ACCOUNT: u64 = 20;
/// Milliseconds for each further one: a guesser gets under 9,000 a day, which finds no password of ten characters.
pub const GUESS_OF_ACCOUNT_INTERVAL_MS: u64 = 10_000;
/// Wrong passwords at once from one network address: many people may sit behind it.
pub const GUESSES_OF_ADDRESS: u64 = 100;
/// Milliseconds for each further one: more than any office mistypes, and 43,000 a day over all accounts.
pub const GUESS_OF_ADDRESS_INTERVAL_MS: u64 = 2_000;
/// Accounts, and addresses, whose guesses are counted, 16 bytes each. Hashing bounds how fast failures come, so that
/// there are seldom so many; should there be, all are forgotten.
pub const GUESS_BUCKETS_MAX: usize = 65_536;
/// Spans that wait to be exported, of about 1 KB: two seconds' at 1,000 recorded requests a second. While a collector is
/// down they would only come late.
pub const TELEMETRY_QUEUE_SPANS_MAX: usize = 4_096;
/// Spans that are exported in one request: what `OpenTelemetry`'s own exporters send at most by default.
pub const TELEMETRY_BATCH_SPANS_MAX: usize = 512;
/// How long a collector may take to answer, in milliseconds: the default of `OpenTelemetry`'s own exporters.
pub const TELEMETRY_TIMEOUT_MS: u64 = 10_000;
/// Bytes of a collector's answer. It says how many spans were refused and why, and most often nothing.
pub const TELEMETRY_ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Reads that one client may have reach the origin: at once, and in each of so many seconds as many again. A page makes a
/// dozen, an office behind one address some hundreds a second; and the origin has a tenth of a core's work with a thousand.
/// What an edge's store answers is not counted.
pub const RATE_READS: (u32, u32) = (10_000, 10);
/// Changes of one client, likewise: an eighth of the 4,000 a second that the design is for, so that no import and no script
/// gone wild takes them from all others.
pub const RATE_WRITES: (u32, u32) = (5_000, 10);
/// Log-ins, sign-ups and refreshes from one network, likewise. A session is refreshed each quarter of an hour, so that a
/// school of 1,800 behind one address keeps to it; and a guesser, or a maker of accounts, gets two a second.
pub const RATE_SIGN_INS: (u32, u32) = (120, 60);
/// Accounts, keys and networks whose requests an edge counts at the same time, about 64 bytes each. An idle one is
/// forgotten without loss after its window.
pub const RATE_BUCKETS_MAX: usize = 65_536;
/// API keys that an edge remembers the origin to have taken, about 32 bytes each. One that is forgotten counts with its
/// network until it is taken again.
pub const RATE_KEYS_MAX: usize = 16_384;
