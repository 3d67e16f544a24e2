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
const MAX_MILLISECONDS = 100
const ONE_VALUE = /^\{\{([^{}]*)\}\}$/

const engine = new Liquid({
  ownPropertyOnly: true,
  strictFilters: true,
  parseLimit: MAX_LENGTH,
  renderLimit: MAX_MILLISECONDS,
  memoryLimit: 16 * MAX_LENGTH,
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

export const TEMPLATE_FORM = `{{ name }} or {{ name | filter }} with path, query, headers, body, method or url, and of filters ${FILTERS.join(', ')}; "template": false sends it as it stands`

/**
 * A value with all of its texts filled in. A text that is one `{{ … }}` becomes what that is, be it a number.
 *
 * @throws Error where it takes too long, or too much memory
 */
export function fill(value: unknown, scope: object): unknown {
  return mapTexts(value, (text) => {
    const [, one] = ONE_VALUE.exec(text) ?? []
    return one === undefined ? engine.parseAndRenderSync(text, scope) : (engine.evalValueSync(one, scope) ?? null)
  })
}

/** A text with all values filled in, which stays a text. */
export function fillText(text: string, scope: object): string {
  return engine.parseAndRenderSync(text, scope)
}

function mapTexts(value: unknown, map: (text: string) => unknown): unknown {
  if (typeof value === 'string') return value.includes('{{') || value.includes('{%') ? map(value) : value
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, map))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapTexts(one, map)]))
}
