import languages from './languages.json' with { type: 'json' }

/** The sentences that authentik takes from its framework, and translates from 2025.10 on. */
export const MESSAGES = {
  notAuthenticated: 'Authentication credentials were not provided.',
  permissionDenied: 'You do not have permission to perform this action.',
  notFound: 'Not found.',
  methodNotAllowed: 'Method "{method}" not allowed.',
  notAcceptable: 'Could not satisfy the request Accept header.',
  invalidPage: 'Invalid page.',
  invalidChoice: 'Select a valid choice. That choice is not one of the available choices.',
  invalidChoiceOf: 'Select a valid choice. {value} is not one of the available choices.',
  invalidUuid: 'Enter a valid UUID.',
  invalidUuidOf: '“{value}” is not a valid UUID.',
  invalidMoment: 'Enter a valid date/time.',
  invalidValueOf: '“{value}” is not a valid value.',
  nullCharacters: 'Null characters are not allowed.',
}

export type Message = keyof typeof MESSAGES

/** A language of the framework, as its codes go: `de`, `pt-br`, `zh-hans`. */
export type Language = keyof typeof languages

const TRANSLATIONS: Record<string, Partial<Record<Message, string>>> = languages

/** What the framework of releases before 2025.10 says in other words, as far as recordings show it. */
const EARLIER: Record<string, Partial<Record<Message, string>>> = {
  de: { permissionDenied: 'Sie sind nicht berechtigt diese Aktion durchzuführen.' },
}

/** @param isEarlier a release before 2025.10 says it */
export function translate(message: Message, language: Language, isEarlier = false): string {
  return (
    (isEarlier ? EARLIER[language]?.[message] : undefined) ?? TRANSLATIONS[language]?.[message] ?? MESSAGES[message]
  )
}
