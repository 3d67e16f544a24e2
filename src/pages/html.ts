/** HTML whose foreign parts are escaped: nothing else gets into a page. */
export interface Html {
  readonly html: string
}

type Part = Html | string | number | undefined | Part[]

/** A template of HTML: what is put in is text, unless it is HTML itself. Undefined is nothing. */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Html {
  return { html: texts.map((text, i) => text + shown(parts[i])).join('') }
}

function shown(part: Part): string {
  if (part === undefined) return ''
  if (Array.isArray(part)) return part.map(shown).join('')
  return typeof part === 'object' ? part.html : escapeHtml(String(part))
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
