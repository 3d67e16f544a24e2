/** Reads the forms of a page: plain HTML of our own, so a few patterns do. */

export interface Form {
  action: string
  method: string
  /** Hidden fields, and text fields with what stands in them. */
  fields: [string, string][]
  /** Fields that somebody has to choose or fill in: radio buttons, options of a select, text fields, submit buttons. */
  choices: Choice[]
}

export interface Choice {
  kind: 'text' | 'option' | 'submit'
  name: string
  value: string
}

const TAG = /<(input|button|select|option)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi
const ATTRIBUTE = /([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

export function formsIn(page: string): Form[] {
  return [...page.matchAll(/<form\b((?:[^>"']|"[^"]*"|'[^']*')*)>(.*?)<\/form>/gis)].map(
    ([, head = '', inner = '']) => {
      const { action = '', method = 'get' } = attributesOf(head)
      return { action, method: method.toUpperCase(), ...controlsIn(inner) }
    },
  )
}

/** The hidden fields of the only form, which a browser would submit at once. */
export function hiddenFields(page: string): [string, string][] {
  const forms = formsIn(page)
  return forms.length === 1 ? (forms[0]?.fields ?? []) : []
}

export function titleOf(page: string): string | undefined {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(page)?.[1]
  return title === undefined ? undefined : unescapeHtml(title.trim())
}

function controlsIn(inner: string): Pick<Form, 'fields' | 'choices'> {
  const fields: Form['fields'] = []
  const choices: Choice[] = []
  let select = ''
  for (const [, tag = '', head = ''] of inner.matchAll(TAG)) {
    const { name = '', value = '', type = tag.toLowerCase() === 'button' ? 'submit' : 'text' } = attributesOf(head)
    if (tag.toLowerCase() === 'select') select = name
    else if (tag.toLowerCase() === 'option') choices.push({ kind: 'option', name: select, value })
    else if (type === 'radio' || type === 'checkbox') choices.push({ kind: 'option', name, value })
    else if (type === 'submit') choices.push({ kind: 'submit', name, value })
    else if (type !== 'hidden') choices.push({ kind: 'text', name, value })
    if (type === 'hidden') fields.push([name, value])
  }
  return { fields, choices }
}

function attributesOf(head: string): Record<string, string> {
  const attributes = [...head.matchAll(ATTRIBUTE)].map(([, name = '', double, single, bare]) => [
    name.toLowerCase(),
    unescapeHtml(double ?? single ?? bare ?? ''),
  ])
  return Object.fromEntries(attributes)
}

function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (entity, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? entity
    return String.fromCodePoint(Number(decimal ?? `0x${hex}`))
  })
}
