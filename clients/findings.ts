import breaches from '../test/contract/breaches.json' with { type: 'json' }

/** What a client says that it cannot decode, as the fields in which authentik is known to break its contract. */

const OF_AGENTS = ['user_agent.major', 'user_agent.minor', 'user_agent.patch', 'device.brand', 'device.model'].map(
  (field) => ({
    at: `AuthenticatedSession.user_agent.${field}`,
    contract: 'a text',
    wire: 'null for a program that authentik does not know',
  }),
)

const KNOWN = new Map([...breaches, ...OF_AGENTS].map((breach) => [breach.at.split('.').at(-1) as string, breach]))

/** How the generated decoders name a field that is not there, or not of its type. */
const NAMED = [/^(\w+)\n {2}(?=Input should be a valid string)/gm, /required property (\w+)/g, /missing field `(\w+)`/g]
const NULL_TEXT = /invalid type: null, expected a string/

/** The fields that the error of a step names. */
export function fieldsIn(error: string, step: string): string[] {
  const named = NAMED.flatMap((pattern) => Array.from(error.matchAll(pattern), ([, field = '']) => field))
  return NULL_TEXT.test(error) ? [...named, firstNullText(step)] : named
}

/** Rust does not name the field that is null: it is the first text of a body that may be. */
function firstNullText(step: string): string {
  return step.includes('session') ? 'major' : 'assigned_application_slug'
}

/** The fields that the error of a step names; none where one of them is not known to be authentik's breach. */
export function breachesIn(error: string, step: string): string[] {
  const fields = fieldsIn(error, step)
  return fields.length === errorCount(error, fields) && fields.every((field) => KNOWN.has(field)) ? fields : []
}

/** Pydantic says how many errors there are: all of them must be read. */
function errorCount(error: string, fields: string[]): number {
  const [, count] = /^(\d+) validation errors? for /.exec(error) ?? []
  return count === undefined ? fields.length : Number(count)
}

/** A footnote on a field. */
export function sayBreach(field: string): string {
  const { at, contract, wire } = KNOWN.get(field) as { at: string; contract: string; wire: string }
  return `\`${at}\`: by authentik’s contract ${contract}; in its answers ${wire}.`
}
