import * as Type from 'typebox'
import { orNull } from '../authentik/wire-types.js'
import { record } from '../world/kinds/shared/shapes.js'
import { count, releaseFields, releaseWanted, text } from './body-fields.js'
import { PRESET_NAMES, type PresetName } from './faults/presets.js'

/** The bodies of what only shows: how the API looks to whom, what presets send, what releases change. */

export const LookQuery = Type.Object(
  {
    path: text('a path below /api/v3/, with its query'),
    as: Type.Optional(text('the name of an API token; empty: nobody; by default the superuser of --token')),
  },
  { additionalProperties: false, description: 'what to look at, and as whom: path, as' },
)

export const Look = Type.Object({
  status: Type.Integer({ description: 'the status' }),
  content_type: orNull(text('of the body; null: it has none')),
  body: text('the body as it would be sent'),
  reason: orNull(text('why it was refused, where the answer does not tell')),
})

/** A list of the API. */
export const ApiList = Type.Object({
  section: text('the kind of its rows'),
  path: text('where it is'),
  filters: Type.Array(Type.String(), { description: 'the parameters of its query, beside order and page' }),
  ordering: Type.Array(Type.String(), { description: 'what it is ordered by; with "-" in front, from the last' }),
  lookup: text('the field by which a path names a row'),
})

export const Caller = Type.Object({
  name: text('the name of the API token'),
  user: Type.Object({ pk: Type.Integer(), username: Type.String(), name: Type.String() }, { description: 'who it is' }),
  superuser: Type.Boolean({ description: 'whether it sees and may do everything' }),
  permissions: Type.Array(Type.String(), { description: 'what else it may, beside its own rows' }),
  intent: text('what the token is for: only api calls the API'),
  expires: orNull(text('until when')),
  refused: orNull(text('why all of its requests are refused; null: they are not')),
  sees: record(orNull(count('how many rows')), {
    description: 'how many rows each list of the API shows it, by kind; null: it is refused',
  }),
})

export const Preset = Type.Object({
  name: Type.Enum<PresetName[]>(PRESET_NAMES, { description: 'its name' }),
  help: text('what it plays'),
  after: Type.Boolean({ description: 'whether the request does its work first' }),
  delay: count('milliseconds before the answer'),
  connection: orNull(Type.Enum(['drop', 'cut'], { description: 'how the connection ends; null: as usual' })),
  path: orNull(text('the only path that it is for')),
  grant: orNull(text('the only grant type that it is for')),
  answer: orNull(
    Type.Object(
      {
        status: Type.Integer(),
        content_type: orNull(Type.String()),
        headers: record(Type.String()),
        body: Type.String(),
      },
      { description: 'what it sends to a client without wishes; null: what authentik answers' },
    ),
  ),
})

export const ReleaseName = Type.Object(releaseFields)

export const ChangesQuery = Type.Object(
  { to: releaseWanted },
  { additionalProperties: false, description: 'another release: to' },
)

export const ReleaseChanges = Type.Object({
  from: text('the release that is answered as'),
  to: text('the other one'),
  changes: Type.Array(
    Type.Object({
      what: Type.Enum(['body', 'answers'], { description: 'where it shows' }),
      text: text('what changes'),
    }),
  ),
})

export type Look = Type.Static<typeof Look>
export type LookQuery = Type.Static<typeof LookQuery>
export type ApiList = Type.Static<typeof ApiList>
export type Caller = Type.Static<typeof Caller>
export type Preset = Type.Static<typeof Preset>
export type ReleaseName = Type.Static<typeof ReleaseName>
export type ChangesQuery = Type.Static<typeof ChangesQuery>
export type ReleaseChanges = Type.Static<typeof ReleaseChanges>
