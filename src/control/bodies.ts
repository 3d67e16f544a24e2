import * as Type from 'typebox'
import { orNull } from '../authentik/wire-types.js'
import { DURATION_FORM, INSTANT_FORM } from '../world/instant.js'
import { partial, record } from '../world/kinds/shared/shapes.js'
import { StubSeed, stubFields } from '../world/stubs/seed.js'
import { body, caller, delay, headers, method, pathPattern, skip, status, times } from '../world/stubs/stub-fields.js'
import { count, releaseFields, releaseWanted, text } from './body-fields.js'
import { PRESET_NAMES, type PresetName } from './faults/presets.js'
import { RULES, type RuleName } from './findings/rules.js'

/** The bodies of the control API. The descriptions are what mistakes are answered with. */

const rowKey = () =>
  Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1, description: 'the primary key of a refresh token' })
/** More entries might not fit into one text. */
const MAX_ENTRIES = 10_000

export const ClockState = Type.Object({ now: text('the time of the world'), frozen: Type.Boolean() })

export const ClockChange = partial(
  {
    now: Type.String({ format: 'authentik-instant', description: INSTANT_FORM }),
    frozen: Type.Boolean({ description: 'true (it stands still) or false (it runs)' }),
  },
  { additionalProperties: false, minProperties: 1, description: 'what to change of the clock: now, frozen' },
)

export const ClockAdvance = partial(
  {
    by: Type.String({ format: 'authentik-duration', description: `a ${DURATION_FORM}; with "-" in front, back` }),
    before: rowKey(),
    after: rowKey(),
  },
  { additionalProperties: false, minProperties: 1, maxProperties: 1, description: 'one of by, before, after' },
)

/** A fault as a test describes it. Without an effect, it only counts. */
const faultFields = {
  method: Type.Optional(method()),
  path: Type.Optional(pathPattern()),
  as: Type.Optional(caller()),
  grant: Type.Optional(text('a grant type such as "refresh_token"')),
  client: Type.Optional(text('a client id')),
  user: Type.Optional(text('a username')),
  times: Type.Optional(times('strikes')),
  skip: Type.Optional(skip('strikes')),
  after: Type.Optional(Type.Boolean({ description: 'true (the request does its work first) or false' })),
  delay: Type.Optional(delay()),
  preset: Type.Optional(Type.Enum<PresetName[]>(PRESET_NAMES, { description: PRESET_NAMES.join(', ') })),
  status: Type.Optional(status()),
  headers: Type.Optional(headers()),
  body: Type.Optional(body()),
  connection: Type.Optional(Type.Enum(['drop', 'cut'], { description: '"drop" (no answer) or "cut" (half of one)' })),
  barrier: Type.Optional(
    Type.Integer({
      minimum: 2,
      maximum: 20,
      description: 'how many requests wait for each other: an integer from 2 to 20',
    }),
  ),
  order: Type.Optional(
    Type.Array(Type.Integer(), { description: 'in which order the requests at the barrier go: [2, 1]' }),
  ),
  one_winner: Type.Optional(
    Type.Boolean({ description: 'true (each goes once the one before it was answered) or false' }),
  ),
}

export const FaultSeed = Type.Object(faultFields, { additionalProperties: false, description: 'a fault' })

/** A fault as it stands. */
export const Fault = Type.Object({
  id: text('the id of the fault'),
  seen: count('how many requests it matched'),
  struck: count('how many of them it struck'),
  ...faultFields,
})

/** A stub as it stands. */
export const Stub = Type.Object({
  id: text('the id of the stub'),
  seen: count('how many requests it matched'),
  answered: count('how many of them it answered'),
  ...stubFields,
})

export { StubSeed }

const rules = Object.keys(RULES) as RuleName[]
const ruleName = () => Type.Enum<RuleName[]>(rules, { description: 'the rule that it breaks' })

/** A request that was answered, as the journal tells it. */
export const JournalEntry = Type.Object({
  id: count('counts from 1, and goes on after the journal was cleared'),
  at: text('when, by the clock of the world'),
  method: text('the method'),
  path: text('the path, decoded, up to 4 KiB, without what looks like a secret'),
  query: text('the query as it was sent, up to 4 KiB, without what looks like a secret'),
  route: orNull(text('which route answered: list, detail, used_by; null: none')),
  status: orNull(Type.Integer({ description: 'the status; null: the connection was dropped' })),
  as: orNull(text('the name of the API token; null: anonymous, or refused')),
  client: orNull(text('the client id of the OAuth2 client that sent it; null: none, or it did not know its secret')),
  unserved: Type.Boolean({ description: 'whether nothing serves such a path: it was answered as an unknown one' }),
  reason: orNull(
    text('why it was refused, where the answer does not tell; up to 4 KiB, without what looks like a secret'),
  ),
  request: orNull(text('X-authentik-Id of its answer; null: it made and ended no code or token')),
  made: Type.Array(text('a kind and a primary key: refresh_tokens 7'), {
    description: 'the codes and tokens that it made, up to 20',
  }),
  ended: Type.Array(text('a kind and a primary key: refresh_tokens 2'), {
    description: 'the codes and tokens that it used up, revoked or deleted, up to 20',
  }),
  fault: orNull(text('the id of the fault that struck, or "request" where the request itself asked for it')),
  stub: orNull(text('the id of the stub that answered')),
  forwarded: orNull(text('the URL of the server that answered, of --forward')),
  closest: orNull(
    Type.Object(
      { stub: text('its id'), differs: Type.Array(text('what of the request it is not for')) },
      { description: 'where nothing answered: the stub that came closest' },
    ),
  ),
  milliseconds: Type.Number({ description: 'how long it took' }),
  body: orNull(text('what the client sent along, up to 4 KiB, without what looks like a secret')),
  findings: Type.Array(Type.Object({ rule: ruleName(), found: text('what it is about') }), {
    description: 'what of it goes against the contract of the release, up to 20 things; see /_mock/report',
  }),
  further: count('how many further findings are not listed'),
})

/** One entry with all that is known of it. */
export const JournalDetail = Type.Object({
  ...JournalEntry.properties,
  findings: Type.Array(
    Type.Object({
      rule: ruleName(),
      severity: Type.Enum(['warning', 'error'], { description: 'how much it hurts elsewhere' }),
      says: text('what is wrong'),
      found: text('what it is about'),
      hint: text('what to do instead'),
    }),
  ),
  head: text('request line and headers, up to 4 KiB, without what looks like a secret'),
  answer: orNull(
    Type.Object(
      {
        head: text('status line and headers'),
        body: orNull(
          text('up to 4 KiB, before it was compressed, without what looks like a secret; null: it was sent in parts'),
        ),
        whole: Type.Boolean({ description: 'whether this is all of the body' }),
      },
      { description: 'what was sent; null: the connection was dropped, or another server answered' },
    ),
  ),
})

/** Which entries of the journal. */
const journalFilters = {
  method: Type.Optional(text('a method such as "DELETE"')),
  path: Type.Optional(pathPattern()),
  status: Type.Optional(Type.Integer({ description: 'a status such as 404' })),
  as: Type.Optional(text('the name of an API token')),
  unmatched: Type.Optional(
    Type.Boolean({ description: 'true (only those that nothing served) or false (only others)' }),
  ),
  since: Type.Optional(count('the id of an entry: only later ones')),
}

export const EventsQuery = Type.Object(journalFilters, {
  additionalProperties: false,
  description: 'a filter of the journal',
})

export const JournalQuery = Type.Object(
  {
    ...journalFilters,
    limit: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_ENTRIES,
        description: `how many entries at the most, the latest: an integer from 0 to ${MAX_ENTRIES}`,
      }),
    ),
    wait: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 30,
        description: 'seconds to wait for enough entries: a number from 0 to 30',
      }),
    ),
    count: Type.Optional(count('how many entries are enough: an integer from 0')),
  },
  { additionalProperties: false, description: 'a filter of the journal' },
)

export const JournalAnswer = Type.Object({
  count: count('how many requests the filter found'),
  dropped: count('how many were forgotten for newer ones: a count may be too low by as many'),
  requests: Type.Array(JournalEntry),
})

export const Finding = Type.Object({
  rule: ruleName(),
  severity: Type.Enum(['warning', 'error'], { description: 'how much it hurts elsewhere' }),
  says: text('what is wrong'),
  found: text('what it is about: a parameter, a value, a path'),
  request: text('the first such request, without what looks like a secret'),
  count: count('how many such requests there were'),
  hint: text('what to do instead'),
})

/** What the clients of a mock did, in all of its worlds. */
export const Report = Type.Object({
  requests: count('how many requests there were'),
  operations: Type.Array(
    Type.Object({
      operation: text('an operation id of authentik'),
      statuses: record(Type.Integer(), { description: 'how often it was answered how' }),
    }),
  ),
  findings: Type.Array(Finding, { description: 'the severest first' }),
  dropped: count('how many further findings are not listed'),
  worst: orNull(Type.Enum(['warning', 'error'], { description: 'the severity of the severest; null: no findings' })),
})

export const ReportQuery = Type.Object(
  { format: Type.Optional(Type.Enum(['json', 'junit', 'markdown'], { description: 'json, junit, markdown' })) },
  { additionalProperties: false, description: 'the form of the report' },
)

export const ReleaseState = Type.Object({
  ...releaseFields,
  derived: Type.Array(text('a path'), {
    description: 'what is answered by what recordings of another release show, and bodies of this one nest',
  }),
})

export const ReleaseChange = Type.Object(
  { release: releaseWanted },
  { additionalProperties: false, description: 'the release: {release}' },
)

export const WorldState = Type.Object({
  name: text('the name of the world; empty: the one without a prefix'),
  changed: Type.Boolean({ description: 'whether its rows differ from the beginning' }),
  requests: count('how many requests its journal holds'),
})

export const Info = Type.Object({
  name: text('authentik-mock'),
  version: text('its version'),
  world: text('the name of this world'),
  web_path: text('what authentik is served below, with a slash at both ends'),
  release: ReleaseState,
  clock: ClockState,
  counts: record(Type.Integer()),
  changes: count('another number after every change of its rows'),
  links: record(Type.String(), { description: 'paths of the control API of this world' }),
})

/** RFC 9457, with the mistakes that were found. */
export const Problem = Type.Object({
  title: text('what is wrong, in short'),
  status: Type.Integer(),
  detail: text('what is wrong'),
  mistakes: Type.Optional(
    Type.Array(
      Type.Object({
        path: text('a JSON path'),
        found: text('what was found there'),
        allowed: text('what is allowed there'),
      }),
    ),
  ),
})

export type ClockState = Type.Static<typeof ClockState>
export type ClockChange = Type.Static<typeof ClockChange>
export type ClockAdvance = Type.Static<typeof ClockAdvance>
export type FaultSeed = Type.Static<typeof FaultSeed>
export type Fault = Type.Static<typeof Fault>
export type Stub = Type.Static<typeof Stub>
export type JournalEntry = Type.Static<typeof JournalEntry>
export type JournalDetail = Type.Static<typeof JournalDetail>
export type JournalQuery = Type.Static<typeof JournalQuery>
export type EventsQuery = Type.Static<typeof EventsQuery>
export type JournalAnswer = Type.Static<typeof JournalAnswer>
export type Finding = Type.Static<typeof Finding>
export type Report = Type.Static<typeof Report>
export type ReportQuery = Type.Static<typeof ReportQuery>
export type ReleaseChange = Type.Static<typeof ReleaseChange>
export type ReleaseState = Type.Static<typeof ReleaseState>
export type WorldState = Type.Static<typeof WorldState>
export type Info = Type.Static<typeof Info>
export type Problem = Type.Static<typeof Problem>
