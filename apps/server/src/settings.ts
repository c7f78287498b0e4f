import { engineNames } from '@crucible/sandbox/spec'
import { logLevels } from './platform/telemetry/levels.ts'
import { integer, oneOf, optional, text, url, yesOrNo } from './setting.ts'

/** Every setting, once: read from the environment by config.ts, shown in docs/configuration.md. */
export const settings = {
  PORT: integer(0, 65_535, 3000, 'Where the API and the web app listen. 0 takes any free port.'),
  HOST: text(
    /^[0-9A-Za-z.:_-]+$/,
    'an address or a host name',
    '127.0.0.1',
    'On which address. 0.0.0.0 lets the network in: put TLS in front.',
  ),
  DATABASE_URL: url(
    ['postgres', 'postgresql'],
    'A PostgreSQL 15 or newer, as the owner of its database. Unset: an embedded one, with its data in CRUCIBLE_DATA_DIR.',
    ({ password, pathname }) =>
      password === ''
        ? 'a URL with a password (the passwords of the application roles derive from it)'
        : pathname.length < 2
          ? 'a URL that names a database'
          : null,
  ),
  REDIS_URL: url(
    ['redis', 'rediss'],
    'Keeps the queue in Redis or Valkey instead of PostgreSQL: one server or a cluster, with maxmemory-policy noeviction and a database that no other installation uses.',
    ({ hostname, pathname, search, hash }) =>
      hostname === '' || !/^(\/\d{0,4})?$/.test(pathname) || search !== '' || hash !== ''
        ? 'a URL like redis://user:password@host:6379/0, with nothing after the number of the database'
        : null,
  ),
  CRUCIBLE_DATA_DIR: text(/^[^\0]+$/, 'a path', './data', 'The embedded database and the first administrator’s key.'),
  CRUCIBLE_SLOTS: optional(integer(1, 1_024, 1, 'How many sandboxes may run at once. Unset: one for each processor.')),
  CRUCIBLE_ENGINE: oneOf(engineNames, engineNames[0], 'How submissions are isolated; docs/guides/engines.md compares them.'),
  CRUCIBLE_ENGINE_SETTINGS: optional(
    text(
      /^[a-z-]+=[^,]+(,[a-z-]+=[^,]+)*$/,
      'name=value pairs separated by commas',
      '',
      'What the engine reads besides, as docs/guides/engines.md lists it for each; escaped as in a URL (%2C for a comma).',
    ),
  ),
  CRUCIBLE_ALLOW_UNSAFE_ENGINE: yesOrNo(false, 'Lets CRUCIBLE_ENGINE=process run submissions with no isolation at all.'),
  CRUCIBLE_UID_BASE: integer(
    1_000,
    2_000_000_000,
    1_900_000_000, // a range that neither Debian, systemd nor subordinate ids hand out
    'Under root: sandboxes run as this user id and those after it, the server as the one before it.',
  ),
  CRUCIBLE_EXECUTORS: optional(
    text(
      /^[^\s,=]+=\/[^,=]+(,[^\s,=]+=\/[^,=]+)*$/,
      'address=/path/of/token-file pairs separated by commas',
      '',
      'For the roles worker and serve: executors to drive, each a socket path or host:port and the file with its token; escaped as in a URL (%20 for a space).',
    ),
  ),
  CRUCIBLE_QUEUE_MAX: integer(1, 10_000_000, 100_000, 'Evaluations that may wait; more are refused with 503 and Retry-After.'),
  CRUCIBLE_ATTEMPTS_MAX: integer(1, 20, 3, 'How often an evaluation is tried when the platform, not the program, fails.'),
  CRUCIBLE_LEASE_SECONDS: integer(2, 3_600, 30, 'How long a worker may be silent before its evaluation is given to another.'),
  CRUCIBLE_GRACE_SECONDS: integer(0, 3_600, 10, 'How long a stop waits for what runs before it hands it back to the queue.'),
  CRUCIBLE_DATABASE_POOL: integer(2, 500, 16, 'Database connections of one process.'),
  CRUCIBLE_REQUESTS_PER_MINUTE: integer(1, 10_000_000, 60_000, 'Requests a minute that one API key may make.'),
  CRUCIBLE_TRUSTED_PROXIES: text(
    /^[0-9a-fA-F.:/, ]*$/,
    'addresses or networks separated by commas',
    '',
    'Proxies whose X-Forwarded-For is believed.',
  ),
  CRUCIBLE_LOG_LEVEL: oneOf(logLevels, 'warn', 'How much is written to stderr, from trace to silent.'),
} as const
export type SettingName = keyof typeof settings
