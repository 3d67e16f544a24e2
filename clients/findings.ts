import breaches from '../test/contract/breaches.json' with { type: 'json' }

/** What a client says that it cannot decode, as the fields in which authentik is known to break its contract. */

const KNOWN = new Map(
  breaches.map(({ at, contract, wire }) => [at.split('.').at(-1) as string, { at, contract, wire }]),
)

/** How the generated decoders name a field that is not there, or not of its type. */
const NAMED = [/^(\w+)\n {2}(?=Input should be a valid string)/gm, /required property (\w+)/g, /missing field `(\w+)`/g]
/** Rust names no field here; of a body, the first text that may be null is this one. */
const NULL_TEXT = /invalid type: null, expected a string/

/** The fields that an error names. */
export function fieldsIn(error: string): string[] {
  const named = NAMED.flatMap((pattern) => Array.from(error.matchAll(pattern), ([, field = '']) => field))
  return NULL_TEXT.test(error) ? [...named, 'assigned_application_slug'] : named
}

/** The fields that an error names; none where one of them is not known to be authentik's breach. */
export function breachesIn(error: string): string[] {
  const fields = fieldsIn(error)
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
