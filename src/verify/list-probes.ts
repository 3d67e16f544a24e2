import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import { ABSENT } from '../upstream/detect-release.js'
import { LIST } from '../upstream/read-rows.js'
import { anonymous, detail, PAGE, type Probe, probe } from './probe.js'

/** What is asked of the list: pages, filters, orders. */

const MOST_FILTERS = 5

export function lists(count: number): Probe[] {
  const size = Math.min(5, Math.max(1, count))
  const last = Math.max(1, Math.ceil(count / size))
  const pages = ['1', '2', 'last', '0', '-1', '+1', '%201', '1.0', 'abc', '', '1_0', '9'.repeat(20), '2&page=1']
  const sizes = ['0', '-1', 'abc', '1.5', '', '1_0', '101', String(count || 1), '1']
  return [
    probe('list/all', LIST),
    ...pages.map((page) => probe(`list/page=${page}`, `${LIST}?page_size=5&page=${page}`)),
    ...[last, last + 1].map((page) =>
      probe(`list/page_size=${size}&page=${page}`, `${LIST}?page_size=${size}&page=${page}`),
    ),
    ...sizes.map((value) => probe(`list/page_size=${value}`, `${LIST}?page_size=${value}`)),
    probe('list/PAGE=2', `${LIST}?PAGE=2&${PAGE}`),
  ]
}

export function filters(rows: RefreshTokenBody[], pk: number): Probe[] {
  const users = [...new Set(rows.map(({ user }) => user.pk))].slice(0, MOST_FILTERS)
  const providers = [...new Set(rows.map(({ provider }) => provider.pk))].slice(0, MOST_FILTERS)
  const wrong = ['abc', '', '%20', 'null', '1.0', '-1', `${ABSENT}`, '99999999999', '%00', '1,2']
  const pair = rows[0] === undefined ? [] : [`provider=${rows[0].provider.pk}&user=${rows[0].user.pk}`]
  const onList = [
    ...users.flatMap((user) => [`user=${user}`, `user=0${user}`]),
    ...providers.map((provider) => `provider=${provider}`),
    ...pair,
    ...wrong.flatMap((value) => [`user=${value}`, `provider=${value}`]),
    ...['provider=abc&user=abc', 'user__in=1', 'revoked=true', 'is_expired=true', 'expires=2020-01-01', 'pk=1'],
    ...['search=%00', 'search=x', 'unknown=1', 'limit=1', 'offset=1', 'scope=openid'],
    ...['false', 'true', '0', '', 'TRUE'].flatMap((value) => [`include_groups=${value}`, `include_roles=${value}`]),
  ]
  const onRow = [
    ...[...users, ABSENT, 'abc'].map((user) => `user=${user}`),
    ...[...providers, 'abc'].map((provider) => `provider=${provider}`),
    ...['include_groups=false', 'include_roles=false', 'page=9', 'page_size=0', 'ordering=x', 'search=x', 'search=%00'],
  ]
  return [
    ...onList.map((query) => probe(`filter/${query}`, `${LIST}?${query}&${PAGE}&ordering=pk`)),
    ...onRow.map((query) => probe(`filter/on-retrieve/${query}`, `${detail(pk)}?${query}`)),
    ...onRow.map((query) => anonymous(`filter/on-retrieve-anonymous/${query}`, `${detail(pk)}?${query}`)),
  ]
}

export function orderings(): Probe[] {
  const terms = ['pk', 'provider', 'user', 'expires', 'revoked'].flatMap((term) => [term, `-${term}`])
  const odd = [
    'revoked,-pk',
    'user,-expires',
    'is_expired',
    'scope',
    'id_token',
    'id',
    'user__username',
    'provider__name',
  ]
  const none = ['--pk', '', '-', ',', 'nope,-pk', 'pk,-pk', 'PK', ' -pk ']
  return [...terms, ...odd, ...none].map((ordering) =>
    probe(`ordering/${ordering || 'empty'}`, `${LIST}?ordering=${encodeURIComponent(ordering)}&${PAGE}`),
  )
}
