import { isJsonObject, type JsonObject, type JsonValue } from '../../core/index.ts';
import type { AlignedText } from './aligned-text.ts';
import type { HubNormalizer } from './hub-library.ts';

/** A character with the marks that belong to it: what normalising changes together. Syllables of Hangul are made of several letters. */
const CLUSTERS = /[\u1100-\u115f\ua960-\ua97c][\u1160-\u11a7\ud7b0-\ud7c6]*[\u11a8-\u11ff\ud7cb-\ud7fb]*\p{M}*|\P{M}\p{M}*|\p{M}+/gsu;
/** The blocks that BERT takes for Chinese. */
const CHINESE = /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

/** True when the library's own code for it is not to be used: it does not know the Chinese of the higher planes, and more. */
export function isBert(config: JsonValue | undefined): boolean {
  if (!isJsonObject(config)) return false;
  return config['type'] === 'BertNormalizer' || list(config['normalizers']).some(isBert);
}

/**
 * What a normaliser of a `tokenizer.json` makes of a text, with the place that everything comes from. It must be compared with what the
 * library makes of it: this follows the same rules piece by piece, and there are rules that it does not know.
 */
export function alignedNormalizer(config: JsonValue | undefined, library: HubNormalizer | null): (text: AlignedText) => AlignedText {
  if (!isJsonObject(config)) return (text) => text;
  switch (config['type']) {
    case 'Sequence': {
      const steps = list(config['normalizers']).map((each, index) => alignedNormalizer(each, library?.normalizers?.[index] ?? null));
      return (text) => steps.reduce((changed, step) => step(changed), text);
    }
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD': {
      const form = config['type'];
      return (text) => text.map(CLUSTERS, (cluster) => cluster.normalize(form));
    }
    case 'Precompiled':
      return (text) =>
        text
          .replaceAll(PRECOMPILED_REMOVED, () => '')
          .replaceAll(PRECOMPILED_SPACES, () => ' ')
          .map(CLUSTERS, (cluster) => cluster.normalize('NFKC'));
    case 'Lowercase':
      return (text) => text.map(CLUSTERS, (cluster) => cluster.toLowerCase());
    case 'StripAccents':
      return (text) => text.replaceAll(/\p{M}/gu, () => '');
    case 'Strip':
      return (text) => stripped(text, config);
    case 'Prepend':
      return (text) => text.prepend(string(config['prepend']));
    case 'Replace': {
      const content = string(config['content']);
      const pattern = library?.pattern;
      return (text) => (pattern === undefined || pattern === null ? text : text.replaceAll(pattern, () => content));
    }
    case 'BertNormalizer':
      return (text) => bert(text, config);
    default:
      return (text) => text;
  }
}

// eslint-disable-next-line no-control-regex -- the library's list of what a Precompiled normaliser takes away
const PRECOMPILED_REMOVED = /[\u0001-\u0008\u000B\u000E-\u001F\u007F\u008F\u009F]/gu;
const PRECOMPILED_SPACES = /[\t\n\f\r\u00A0\u1680\u2000-\u200F\u2028\u2029\u202F\u205F\u2581\u3000\uFEFF\uFFFD]/gu;

function bert(text: AlignedText, config: JsonObject): AlignedText {
  let changed = text;
  if (config['clean_text'] === true)
    changed = changed.replaceAll(/\ufffd|(?![\t\n\r])\p{C}/gu, () => '').replaceAll(/\p{White_Space}/gu, () => ' ');
  if (config['handle_chinese_chars'] === true) changed = changed.replaceAll(CHINESE, (char) => ` ${char} `);
  const lowercase = config['lowercase'] === true;
  const strip = config['strip_accents'];
  if (strip === true || (lowercase && typeof strip !== 'boolean'))
    changed = changed.map(CLUSTERS, (cluster) => cluster.normalize('NFD').replaceAll(/\p{Mn}/gu, ''));
  return lowercase ? changed.map(/./gsu, (char) => char.toLowerCase()) : changed;
}

function stripped(text: AlignedText, config: JsonObject): AlignedText {
  const end = config['strip_right'] === true ? text.text.trimEnd().length : text.text.length;
  const start = config['strip_left'] === true ? text.text.length - text.text.trimStart().length : 0;
  return text.slice(Math.min(start, end), end);
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function string(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
