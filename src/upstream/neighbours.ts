/** What stands next to the refresh tokens, and may be read beside them, by its section in fixtures. */
export const NEIGHBOURS = ['users', 'providers', 'applications'] as const
export type Neighbour = (typeof NEIGHBOURS)[number]
