import { providerFields } from '../routes/api/v3/components/provider.js'
import type { Json } from '../world/json.js'
import { type Fields, type Replace, type Replacing, replaced } from './replacing.js'

/** A provider without what tells of its application and its place. */
export function scrubProvider(given: Json, replacing: Replacing): Fields {
  const { fakes, texts, note, text, url, clientId, shaped } = replacing
  const application: Record<'slug' | 'name', Replace> = {
    slug: (slug) => text(slug, 'application slugs', (known) => fakes.application(known).slug),
    name: (name, { assigned_application_slug: slug }) =>
      text(name, 'application names', () => fakes.application(String(slug)).name),
  }
  const replacements: Record<string, Replace> = {
    name: (name, { assigned_application_slug: slug, assigned_application_name: application }) => {
      const isUsual = name === `Provider for ${application}`
      const { name: other } = fakes.application(String(isUsual ? slug : `provider ${name}`))
      return note('provider names', name, isUsual ? `Provider for ${other}` : other)
    },
    assigned_application_slug: application.slug,
    assigned_application_name: application.name,
    assigned_backchannel_application_slug: application.slug,
    assigned_backchannel_application_name: (name, { assigned_backchannel_application_slug: slug }) =>
      application.name(name, { assigned_application_slug: slug as Json }),
    client_id: clientId,
    client_secret: (secret) => shaped(secret, 'client secrets'),
    redirect_uris: (uris) =>
      Array.isArray(uris)
        ? uris.map((uri) => ({ ...(uri as Fields), url: url((uri as Fields)['url'] as Json) }))
        : text(uris, 'URLs', (lines) => lines.split('\n').map(texts.url).join('\n')),
    backchannel_logout_uri: url,
    logout_uri: url,
  }
  return replaced(given, replacements, providerFields, (other) => texts.value(other, undefined, 'unknown fields'))
}
