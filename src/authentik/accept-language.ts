import languages from './languages.json' with { type: 'json' }
import type { Language } from './messages.js'

const CODES = Object.keys(languages) as Language[]
const MAX_LENGTH = 500

/** Regions that the framework counts to one of the two ways of writing Chinese. */
const CHINESE: Record<string, Language> = {
  'zh-cn': 'zh-hans',
  'zh-my': 'zh-hans',
  'zh-sg': 'zh-hans',
  'zh-hk': 'zh-hant',
  'zh-mo': 'zh-hant',
  'zh-tw': 'zh-hant',
}

/** The language that an Accept-Language header is answered in. One malformed entry spoils the header. */
export function languageOf(header: string | undefined): Language {
  if (header === undefined) return 'en'
  const list =
    header.length <= MAX_LENGTH ? header : header.slice(0, Math.max(0, header.lastIndexOf(',', MAX_LENGTH - 1)))
  const ranges: { code: string; quality: number }[] = []
  for (const entry of list.toLowerCase().replace(/,\s*$/, '').split(',')) {
    const [, code, quality = '1'] =
      /^\s*([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)(?:\s*;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?\s*$/.exec(entry) ?? []
    if (code === undefined) return 'en'
    ranges.push({ code, quality: Number(quality) })
  }
  for (const { code } of ranges.sort((a, b) => b.quality - a.quality)) {
    if (code === '*') break
    const language = variantOf(code)
    if (language !== undefined) return language
  }
  return 'en'
}

/** The code itself, a more general one, or another region of the same language. */
function variantOf(code: string): Language | undefined {
  const parts = code.split('-')
  const general = parts.map((_, i) => parts.slice(0, parts.length - i).join('-'))
  const candidates = [code, CHINESE[code] ?? code, ...general]
  return (
    candidates.find((candidate): candidate is Language => Object.hasOwn(languages, candidate)) ??
    CODES.find((known) => known.startsWith(`${parts[0]}-`))
  )
}
