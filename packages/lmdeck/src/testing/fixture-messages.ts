import type { AttachmentPart, Message, Part, ProviderMetadata, Role } from '../core/index.ts';
import { isAttachmentFile } from './attachment-files.ts';
import type { FixtureValue } from './fixture-shape.ts';

const ROLES: readonly Role[] = ['system', 'user', 'assistant', 'tool', 'raw'];

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The content of a file beside the fixture; `undefined` when it is not there. */
export type ReadAttachment = (name: string) => Buffer | undefined;

/** Reads messages out of a fixture. */
export class FixtureMessages {
  readonly #attachmentFile: ReadAttachment;

  constructor(attachmentFile: ReadAttachment) {
    this.#attachmentFile = attachmentFile;
  }

  /** A message under its role. */
  message(value: FixtureValue): Message {
    const fields = value.fields([...ROLES, 'name', 'providerMetadata']);
    const [role, more] = ROLES.filter((each) => !fields[each].isAbsent);
    if (role === undefined || more !== undefined) return value.fail(`one message with a role as its key: ${ROLES.join(', ')}`);
    return this.content(role, fields[role], fields);
  }

  /** A message of a text or of parts, and what else it has. */
  content(
    role: Role,
    content: FixtureValue,
    { name, providerMetadata }: { readonly name: FixtureValue; readonly providerMetadata: FixtureValue },
  ): Message {
    const message: Mutable<Message> = {
      role,
      parts: typeof content.json === 'string' ? [{ type: 'text', text: content.json }] : content.list().map((each) => this.#part(each)),
    };
    const ownName = name.maybe((each) => each.text());
    const metadata = providerMetadata.maybe(metadataOf);
    if (ownName !== undefined) message.name = ownName;
    if (metadata !== undefined) message.providerMetadata = metadata;
    return message;
  }

  #part(value: FixtureValue): Part {
    const type = value.at('type').text();
    const metadata = value.at('providerMetadata').maybe(metadataOf);
    const extra = metadata === undefined ? {} : { providerMetadata: metadata };
    switch (type) {
      case 'text':
      case 'refusal':
        value.fields(['type', 'text', 'providerMetadata']);
        return { type, text: value.at('text').text(), ...extra };
      case 'reasoning': {
        const { text, redacted } = value.fields(['type', 'text', 'redacted', 'providerMetadata']);
        const isRedacted = redacted.maybe((each) => each.flag());
        return { type, text: text.text(), ...(isRedacted === undefined ? {} : { redacted: isRedacted }), ...extra };
      }
      case 'tool-call': {
        const { id, name, arguments: text } = value.fields(['type', 'id', 'name', 'arguments', 'providerMetadata']);
        return { type, id: id.text(), name: name.text(), arguments: text.text(), ...extra };
      }
      case 'tool-result': {
        const fields = value.fields(['type', 'toolCallId', 'name', 'output', 'isError', 'attachments', 'providerMetadata']);
        const name = fields.name.maybe((each) => each.text());
        const isError = fields.isError.maybe((each) => each.flag());
        const attachments = fields.attachments.maybe((each) => each.list().map((one) => this.#attachment(one)));
        return {
          type,
          toolCallId: fields.toolCallId.text(),
          ...(name === undefined ? {} : { name }),
          output: fields.output.text(),
          ...(isError === undefined ? {} : { isError }),
          ...(attachments === undefined ? {} : { attachments }),
          ...extra,
        };
      }
      case 'tokens':
        return {
          type,
          ids: value
            .fields(['type', 'ids', 'providerMetadata'])
            .ids.list()
            .map((each) => each.number()),
          ...extra,
        };
      case 'attachment':
        return this.#attachment(value);
      default:
        return value.at('type').fail('text, reasoning, refusal, tool-call, tool-result, attachment or tokens');
    }
  }

  #attachment(value: FixtureValue): AttachmentPart {
    const { type, mediaType, data, url, name, file, providerMetadata } = value.fields([
      'type',
      'mediaType',
      'data',
      'url',
      'name',
      'file',
      'providerMetadata',
    ]);
    const part: Mutable<AttachmentPart> = { type: type.oneOf(['attachment'] as const), mediaType: mediaType.text() };
    const bytes = file.maybe((each) => this.#file(each)) ?? data.maybe((each) => each.text());
    const place = url.maybe((each) => each.text());
    const ownName = name.maybe((each) => each.text());
    const metadata = providerMetadata.maybe(metadataOf);
    if (bytes !== undefined) part.data = bytes;
    if (place !== undefined) part.url = place;
    if (ownName !== undefined) part.name = ownName;
    if (metadata !== undefined) part.providerMetadata = metadata;
    return part;
  }

  #file(value: FixtureValue): string {
    const name = value.text();
    if (!isAttachmentFile(name)) value.fail('the name of a file beside the fixture');
    const bytes = this.#attachmentFile(name);
    return bytes === undefined ? value.fail(`a file that is there: ${name} is missing`) : bytes.toString('base64');
  }
}

function metadataOf(value: FixtureValue): ProviderMetadata {
  for (const provider of Object.keys(value.object())) value.at(provider).object();
  const metadata: ProviderMetadata = JSON.parse(JSON.stringify(value.json));
  return metadata;
}
