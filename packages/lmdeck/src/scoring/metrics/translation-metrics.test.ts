import { describe, expect, test } from 'vitest';
import { aggregate } from './aggregation.ts';
import { bleu, tokenize13a } from './bleu.ts';
import { chrf } from './chrf.ts';
import type { CorpusDocument } from './corpus-aggregation.ts';
import { aggregations } from './built-in-metrics.ts';
import { standardError } from './standard-error.ts';
import { ter } from './ter.ts';

/** The n-th references of every answer stand in one list, as sacrebleu wants them. */
function corpus(answers: readonly string[], ...references: readonly (readonly string[])[]): CorpusDocument[] {
  return answers.map((answer, i) => ({ answer, references: references.map((stream) => stream[i] ?? '') }));
}

// The example of sacrebleu's README, which gives 48.53 and 59.73.
const answers = ['The dog bit the man.', "It wasn't surprising.", 'The man had just bitten him.'];
const references = [
  ['The dog bit the man.', 'It was not unexpected.', 'The man bit him first.'],
  ['The dog had bit the man.', 'No one was surprised.', 'The man had bitten the dog.'],
] as const;

// From test/test_bleu.py of mjpost/sacrebleu; the digits after those are what its source (2.6.0) gives.
describe('bleu', () => {
  test('with two references and with one', () => {
    expect(bleu(corpus(answers, ...references))).toBe(48.530827009929865);
    expect(bleu(corpus(answers, references[0]))).toBe(45.06750632106114);
  });

  test.each([
    [['', '', ''], references, 0],
    [['this is a test', 'another test'], [['ref1', 'ref2']], 0],
    [['this is a test'], [['this is a test']], 100],
    // Orders without a match are smoothed; of references that are equally near the shorter one counts.
    [['this is a fest'], [['this is a test']], 59.460355750136046],
    [['a b c d e'], [['a b c d e f'], ['a b c d']], 100],
    [['a b c d e'], [['a b c d e f']], 81.87307530779823],
  ])('of %j', (given, wanted, score) => {
    expect(bleu(corpus(given, ...wanted))).toBeCloseTo(score, 10);
  });

  test.each([
    ["Hello, world! It's 3.14; 1,000-2 (U.S.A.)", "Hello , world ! It's 3.14 ; 1,000 - 2 ( U . S . A . )"],
    ['a-\nb\nc<skipped>d', 'ab cd'],
    ['&quot;x&amp;y&lt;z&gt;', '" x & y < z >'],
    ['1-2 x-y 5.', '1 - 2 x-y 5 .'],
    ['中文。 .,.,', '中文。 . , . ,'],
    ['$5.50/kg', '$ 5.50 / kg'],
  ])('the words of %j', (text, words) => {
    expect(tokenize13a(text).join(' ')).toBe(words);
  });
});

// From test/test_chrf.py of the same: with effective order, and where precision equals recall, so that beta does not matter.
describe('chrf', () => {
  test('with two references and with one', () => {
    expect(chrf(corpus(answers, ...references))).toBe(59.72751782684763);
    expect(chrf(corpus(answers, references[0]))).toBe(50.043063606582294);
  });

  test.each([
    [['a'], ['a'], 100],
    [[''], ['reference'], 0],
    [['a b c'], ['a b c'], 100],
    [['a b c'], ['abc'], 100],
    [[''], ['c'], 0],
    [['a', 'b'], ['a', 'c'], 50],
    [['aa'], ['ab'], 25],
    [['abcdefg'], ['hijklmnop'], 0],
    // By the source: orders that a reference is too short for do not count against the corpus.
    [['abcdef', 'abxdef'], ['ab', 'abcdef'], 27.381935839184912],
  ])('of %j against %j', (given, wanted, score) => {
    expect(chrf(corpus(given, wanted))).toBeCloseTo(score, 10);
  });
});

// From test/test_ter.py of the same.
describe('ter', () => {
  test('with two references and with one', () => {
    expect(ter(corpus(answers, ...references))).toBe(40);
    expect(ter(corpus(answers, references[0]))).toBe(50);
  });

  test.each([
    ['aaaa bbbb cccc dddd', 'aaaa bbbb cccc dddd', 0],
    ['dddd eeee ffff', 'aaaa bbbb cccc', 100],
    ['', 'a', 100],
    ['a', '', 100],
    ['', '', 0],
    ['d e f g h a b c', 'a b c d e f g h', 100 / 8],
    // By the source: which of several shortest rewritings is taken decides which shifts are tried.
    ['c a b a', 'a a c', 66.66666666666666],
    ['b d c b d', 'a a b a b', 80],
    ['d d a b a b', 'c b d d a', 60],
  ])('of %j against %j', (answer, reference, score) => {
    expect(ter([{ answer, references: [reference] }])).toBe(score);
  });

  test('of translations as they are (WMT 2019)', () => {
    const given = [
      'wählen Sie " Bild neu berechnen , " um beim Ändern der Bildgröße Pixel hinzuzufügen oder zu entfernen , damit das Bild ungefähr dieselbe Größe aufweist wie die andere Größe .',
      'wenn Sie alle Aufgaben im aktuellen Dokument aktualisieren möchten , wählen Sie im Menü des Aufgabenbedienfelds die Option " Alle Aufgaben aktualisieren . "',
      'klicken Sie auf der Registerkarte " Optionen " auf die Schaltfläche " Benutzerdefiniert " und geben Sie Werte für " Fehlerkorrektur-Level " und " Y / X-Verhältnis " ein .',
      'Sie können beispielsweise ein Dokument erstellen , das ein Auto über die Bühne enthält .',
      'wählen Sie im Dialogfeld " Neu aus Vorlage " eine Vorlage aus und klicken Sie auf " Neu . "',
    ];
    const wanted = [
      'wählen Sie " Bild neu berechnen , " um beim Ändern der Bildgröße Pixel hinzuzufügen oder zu entfernen , damit die Darstellung des Bildes in einer anderen Größe beibehalten wird .',
      'wenn Sie alle Aufgaben im aktuellen Dokument aktualisieren möchten , wählen Sie im Menü des Aufgabenbedienfelds die Option " Alle Aufgaben aktualisieren . "',
      'klicken Sie auf der Registerkarte " Optionen " auf die Schaltfläche " Benutzerdefiniert " und geben Sie für " Fehlerkorrektur-Level " und " Y / X-Verhältnis " niedrigere Werte ein .',
      'Sie können beispielsweise ein Dokument erstellen , das ein Auto enthalt , das sich über die Bühne bewegt .',
      'wählen Sie im Dialogfeld " Neu aus Vorlage " eine Vorlage aus und klicken Sie auf " Neu . "',
    ];
    expect(ter(corpus(given, wanted))).toBeCloseTo(13.6, 3);
  });
});

test('punctuation, entities and characters beyond the basic plane', () => {
  const given = ['Prix: 1,234.50 $ (env.) – l’été 3-4 &quot;jours&quot;…', '😀 ok', '', 'c a b e d f'];
  const wanted = ['Prix : 1,234.50 $ env. l’été 3-4 "jours"…', '😀 okay', 'nothing here', 'a b c d e f'];
  const documents = corpus(given, wanted);
  expect([bleu(documents), chrf(documents), ter(documents)]).toEqual([51.08214688982154, 48.61653811058449, 55.55555555555556]);
});

describe('as aggregations', () => {
  const items = answers.map((answer, i) => [[references[0][i] ?? '', references[1][i] ?? ''], answer]);

  test('items are references and answer', () => {
    expect(aggregate(aggregations.bleu, items)).toBe(48.530827009929865);
    expect(aggregate(aggregations.chrf, items)).toBe(59.72751782684763);
    expect(aggregate(aggregations.ter, items)).toBe(40);
    expect(
      aggregate(
        aggregations.ter,
        answers.map((answer, i) => [references[0][i] ?? '', [answer]]),
      ),
    ).toBe(50);
  });

  test('only as many references count as all documents have', () => {
    const ragged = items.map(([wanted, answer], i) => [i === 1 ? [references[0][1]] : (wanted ?? ''), answer ?? '']);
    expect(aggregate(aggregations.bleu, ragged)).toBe(45.06750632106114);
  });

  test('a bootstrap draws a hundred times', () => {
    const error = standardError(aggregations.bleu, items);
    expect(error).toBe(standardError(aggregations.bleu, items, { bootstrapIterations: 100 }));
    expect(error).toBeGreaterThan(0);
  });

  test.each([[1], [['a']], [['a', 1]], [[[], 'a']], [[['a', null], 'a']]])('the item %j is refused', (item) => {
    expect(() => aggregate(aggregations.bleu, [item])).toThrow(expect.objectContaining({ code: 'config' }));
  });
});
