import type * as Type from 'typebox'
import type { Kind } from './kind.js'
import { duration, object, oneOf, orNull, text, uuid } from './shared/grammar.js'

export const CONSENTS = ['implicit', 'explicit'] as const

/** A flow, as far as OAuth2 clients notice it: its name in addresses, and whether it asks people for consent. */
export interface Flow {
  pk: string
  slug: string
  consent: (typeof CONSENTS)[number]
  /** How long an explicit consent holds; null: for ever. */
  consent_expire_in: string | null
}

/** That of authentik's consent stage, where nobody says otherwise. */
export const CONSENT_EXPIRE_IN = 'weeks=4'

export const FlowSeed = object(
  { pk: uuid(), slug: text(), consent: oneOf(CONSENTS), consent_expire_in: orNull(duration()) },
  'a flow',
)
export type FlowSeed = Type.Static<typeof FlowSeed>

export const flows: Kind<string, Flow, typeof FlowSeed> = {
  word: 'flow',
  seed: FlowSeed,
  key: 'pk',
  keys: 'drawn',
  form: 'list',
  natural: 'slug',
  unique: [],
  references: {},
  columns: { pk: (flow) => flow.pk, slug: (flow) => flow.slug },
  complete(given, pk, _, before) {
    const fresh = { pk, slug: `flow-${pk.slice(0, 8)}`, consent: 'implicit', consent_expire_in: CONSENT_EXPIRE_IN }
    return { ...(before ?? fresh), ...given } as Flow
  },
  seedOf: (flow) => ({ ...flow }),
}
