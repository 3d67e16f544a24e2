import { Liquid } from 'liquidjs'

/**
 * Fills values of a request in where a text says `{{ … }}`. Of Liquid, the names of values and a few filters are taken:
 * no tags, so that nothing loops or reads files, and no properties but those that an object has of its own.
 */

const FILTERS = [
  'append',
  'default',
  'downcase',
  'first',
  'json',
  'last',
  'minus',
  'plus',
  'prepend',
  'size',
  'upcase',
  'url_encode',
]
const MAX_LENGTH = 1024 * 1024
/** Of all texts of an answer together. */
const MAX_MILLISECONDS = 1000
const MAX_FILLED = 16 * MAX_LENGTH
const ONE_VALUE = /^\{\{([^{}]*)\}\}$/

const engine = new Liquid({
  ownPropertyOnly: true,
  strictFilters: true,
  parseLimit: MAX_LENGTH,
  renderLimit: MAX_MILLISECONDS,
  memoryLimit: MAX_FILLED,
  templates: {},
})
for (const name of Object.keys(engine.filters)) if (!FILTERS.includes(name)) delete engine.filters[name]
for (const name of Object.keys(engine.tags)) delete engine.tags[name]

/** What is wrong with the templates in a value. Undefined: nothing. */
export function templateMistake(value: unknown): string | undefined {
  try {
    mapTexts(value, (text) => void engine.parse(text))
    return undefined
  } catch (error) {
    return (error as Error).message.split('\n')[0]?.replace(/, line:.*/, '')
  }
}

const VALUES = ['path', 'query', 'headers', 'body', 'method', 'url']

/**
 * A value that templates name and no request has. Undefined: there is none.
 *
 * @param names of the segments of the path
 */
export function unknownName(value: unknown, names: string[]): string | undefined {
  const outputs = new Set<string>()
  mapTexts(value, (text) => {
    for (const [output] of text.matchAll(OUTPUT)) outputs.add(output)
  })
  // One by one: what the library does with all of a text at once takes time by the square of its length.
  for (const output of outputs)
    for (const [of, name] of segmentsOf(output)) {
      const isKnown =
        VALUES.includes(String(of)) && (of !== 'path' || name === undefined || names.includes(String(name)))
      if (!isKnown) return name === undefined ? String(of) : `${of}.${name}`
    }
  return undefined
}

/** Of a sane length: nobody misspells anything in a longer one. */
const OUTPUT = /\{\{[^{}]{1,1000}\}\}/g

function segmentsOf(output: string) {
  try {
    return engine.variableSegmentsSync(output)
  } catch {
    // The end of it stands in a text, and the whole was found to be right.
    return []
  }
}

export const TEMPLATE_FORM = `{{ name }} or {{ name | filter }} with path, query, headers, body, method or url, and of filters ${FILTERS.join(', ')}; "template": false sends it as it stands`

/** Fills values of one request in. What all of it takes, and becomes, has limits: each text may name the same large value. */
export interface Filling {
  /**
   * A value with all of its texts filled in. A text that is one `{{ … }}` becomes what that is, be it a number.
   *
   * @throws Error where it takes too long, or too much memory
   */
  fill(value: unknown): unknown
  /** A text with all values filled in, which stays a text. */
  fillText(text: string): string
}

export function createFilling(scope: object): Filling {
  const end = performance.now() + MAX_MILLISECONDS
  let room = MAX_FILLED

  function counted<Value>(value: Value): Value {
    room -= typeof value === 'string' ? value.length : (JSON.stringify(value)?.length ?? 0)
    if (room < 0) throw new Error(`it becomes longer than ${MAX_FILLED} characters`)
    if (performance.now() > end) throw new Error(`it takes longer than ${MAX_MILLISECONDS} milliseconds`)
    return value
  }

  const limits = () => ({ renderLimit: end - performance.now(), memoryLimit: room })
  const fillText = (text: string): string => counted(engine.parseAndRenderSync(text, scope, limits()))
  return {
    fill: (value) =>
      mapTexts(value, (text) => {
        const [, one] = ONE_VALUE.exec(text) ?? []
        return one === undefined ? fillText(text) : counted(engine.evalValueSync(one, scope) ?? null)
      }),
    fillText: (text) => (isTemplate(text) ? fillText(text) : text),
  }
}

function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%')
}

function mapTexts(value: unknown, map: (text: string) => unknown): unknown {
  if (typeof value === 'string') return isTemplate(value) ? map(value) : value
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, map))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapTexts(one, map)]))
}
