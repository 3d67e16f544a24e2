/** What is measured of refresh grants. */
export const GRANT_SUBJECTS = [
  ...(['RS256, 4096 bit', 'its two signatures alone, 4096 bit'] as const),
  ...(['RS256, 2048 bit', 'its two signatures alone, 2048 bit', 'oauth2-mock-server, 2048 bit'] as const),
  ...(['HS256', 'HS256 with 100,000 live tokens', 'its two signatures alone, HS256', 'node:http, same bytes'] as const),
] as const
export type GrantSubject = (typeof GRANT_SUBJECTS)[number]
