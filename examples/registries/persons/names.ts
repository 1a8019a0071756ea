import type { PersonCountry } from './national-number.js';

/** A name in its own script and in the Latin letters of passports. */
export type Name = readonly [registered: string, passport: string];
type Names = readonly [Name, ...Name[]];

/** The names that persons of one country get. All are common names; put together they are nobody's. */
export interface NameStock {
  readonly language: string;
  readonly female: Names;
  readonly male: Names;
  readonly familyFemale: Names;
  readonly familyMale: Names;
  /** Patronymics, where the country registers them. */
  readonly patronymicFemale?: readonly [string, ...string[]];
  readonly patronymicMale?: readonly [string, ...string[]];
  readonly localities: readonly [string, ...string[]];
  readonly streets: readonly [string, ...string[]];
  readonly office: string;
}

const ET_FAMILY: Names = [
  ['Põldmäe', 'POLDMAE'],
  ['Küün', 'KUUN'],
  ['Järv-Õun', 'JARV-OUN'],
  ['Saar', 'SAAR'],
];
const KA_FAMILY: Names = [
  ['წყაროშვილი', 'TSKAROSHVILI'],
  ['ხიდაშელი', 'KHIDASHELI'],
  ['ჭყონია', 'CHKONIA'],
  ['ღვინიაშვილი', 'GHVINIASHVILI'],
];
const HY_FAMILY: Names = [
  ['Կամրջյան', 'KAMRJYAN'],
  ['Ղազարյան', 'GHAZARYAN'],
  ['Ծովինյան', 'TSOVINYAN'],
  ['Եղիազարյան', 'YEGHIAZARYAN'],
];

/** Eight languages in four scripts: Latin, Georgian, Armenian and Cyrillic. */
export const NAMES: Readonly<Record<PersonCountry, NameStock>> = {
  EE: {
    language: 'et',
    female: [
      ['Mari-Liis', 'MARI-LIIS'],
      ['Õie', 'OIE'],
      ['Kärt', 'KART'],
    ],
    male: [
      ['Ülo', 'ULO'],
      ['Jürgen', 'JURGEN'],
      ['Tõnis', 'TONIS'],
    ],
    familyFemale: ET_FAMILY,
    familyMale: ET_FAMILY,
    localities: ['Tallinn', 'Tartu', 'Põltsamaa', 'Võru'],
    streets: ['Pikk tänav', 'Jõe tänav', 'Mäe tee'],
    office: 'Politsei- ja Piirivalveamet',
  },
  GE: {
    language: 'ka',
    female: [
      ['ნინო', 'NINO'],
      ['თამარ', 'TAMAR'],
      ['ქეთევან', 'KETEVAN'],
    ],
    male: [
      ['გიორგი', 'GIORGI'],
      ['ჯემალ', 'JEMAL'],
      ['ვაჟა', 'VAZHA'],
    ],
    familyFemale: KA_FAMILY,
    familyMale: KA_FAMILY,
    localities: ['თბილისი', 'ქუთაისი', 'მცხეთა', 'ზუგდიდი'],
    streets: ['რუსთაველის გამზირი', 'ჭავჭავაძის ქუჩა', 'წყაროს ქუჩა'],
    office: 'სახელმწიფო სერვისების განვითარების სააგენტო',
  },
  AM: {
    language: 'hy',
    female: [
      ['Աննա', 'ANNA'],
      ['Սիրանուշ', 'SIRANUSH'],
      ['Ծովինար', 'TSOVINAR'],
    ],
    male: [
      ['Արամ', 'ARAM'],
      ['Գևորգ', 'GEVORG'],
      ['Հայկ', 'HAYK'],
    ],
    familyFemale: HY_FAMILY,
    familyMale: HY_FAMILY,
    patronymicFemale: ['Արամի', 'Հայկի', 'Գևորգի'],
    patronymicMale: ['Արամի', 'Հայկի', 'Գևորգի'],
    localities: ['Երևան', 'Գյումրի', 'Վանաձոր'],
    streets: ['Մաշտոցի պողոտա', 'Աբովյան փողոց'],
    office: 'Միգրացիայի և քաղաքացիության ծառայություն',
  },
  AZ: {
    language: 'az',
    female: [
      ['Ləman', 'LAMAN'],
      ['Günel', 'GUNEL'],
      ['Şəbnəm', 'SHABNAM'],
    ],
    male: [
      ['İlqar', 'ILGAR'],
      ['Fəxri', 'FAKHRI'],
      ['Çingiz', 'CHINGIZ'],
    ],
    familyFemale: [
      ['Körpüyeva', 'KORPUYEVA'],
      ['Həsənova', 'HASANOVA'],
      ['Ağayeva', 'AGHAYEVA'],
    ],
    familyMale: [
      ['Körpüyev', 'KORPUYEV'],
      ['Həsənov', 'HASANOV'],
      ['Ağayev', 'AGHAYEV'],
    ],
    patronymicFemale: ['İlqar qızı', 'Fəxri qızı'],
    patronymicMale: ['İlqar oğlu', 'Fəxri oğlu'],
    localities: ['Bakı', 'Gəncə', 'Şəki', 'Naxçıvan'],
    streets: ['Nizami küçəsi', 'Əhməd Cavad küçəsi'],
    office: 'ASAN xidmət mərkəzi',
  },
  KZ: {
    language: 'kk',
    female: [
      ['Айгүл', 'AIGUL'],
      ['Әсел', 'ASSEL'],
      ['Қарлығаш', 'KARLYGASH'],
    ],
    male: [
      ['Нұрлан', 'NURLAN'],
      ['Ғалым', 'GALYM'],
      ['Өмірбек', 'OMIRBEK'],
    ],
    familyFemale: [
      ['Көпірова', 'KOPIROVA'],
      ['Әбенова', 'ABENOVA'],
      ['Жұмағұлова', 'ZHUMAGULOVA'],
    ],
    familyMale: [
      ['Көпіров', 'KOPIROV'],
      ['Әбенов', 'ABENOV'],
      ['Жұмағұлов', 'ZHUMAGULOV'],
    ],
    patronymicFemale: ['Нұрланқызы', 'Ғалымқызы'],
    patronymicMale: ['Нұрланұлы', 'Ғалымұлы'],
    localities: ['Алматы', 'Астана', 'Өскемен', 'Қызылорда'],
    streets: ['Абай даңғылы', 'Қабанбай батыр көшесі'],
    office: 'Халыққа қызмет көрсету орталығы',
  },
  KG: {
    language: 'ky',
    female: [
      ['Айнура', 'AINURA'],
      ['Гүлзат', 'GULZAT'],
      ['Үмүт', 'UMUT'],
    ],
    male: [
      ['Бакыт', 'BAKYT'],
      ['Өмүрбек', 'OMURBEK'],
      ['Чыңгыз', 'CHYNGYZ'],
    ],
    familyFemale: [
      ['Көпүрова', 'KOPUROVA'],
      ['Жээнбекова', 'ZHEENBEKOVA'],
    ],
    familyMale: [
      ['Көпүров', 'KOPUROV'],
      ['Жээнбеков', 'ZHEENBEKOV'],
    ],
    patronymicFemale: ['Бакытовна', 'Чыңгызовна'],
    patronymicMale: ['Бакытович', 'Чыңгызович'],
    localities: ['Бишкек', 'Ош', 'Каракол', 'Балыкчы'],
    streets: ['Чүй проспектиси', 'Манас көчөсү'],
    office: 'Калкты тейлөө борбору',
  },
  UZ: {
    language: 'uz',
    female: [
      ['Oʻgʻiloy', 'OGILOY'],
      ['Gulnora', 'GULNORA'],
      ['Maʼmura', 'MAMURA'],
    ],
    male: [
      ['Oʻktam', 'OKTAM'],
      ['Gʻayrat', 'GAYRAT'],
      ['Ilhom', 'ILHOM'],
    ],
    familyFemale: [
      ['Koʻprikova', 'KOPRIKOVA'],
      ['Yoʻldosheva', 'YOLDOSHEVA'],
    ],
    familyMale: [
      ['Koʻprikov', 'KOPRIKOV'],
      ['Yoʻldoshev', 'YOLDOSHEV'],
    ],
    patronymicFemale: ['Ilhom qizi', 'Oʻktam qizi'],
    patronymicMale: ['Ilhom oʻgʻli', 'Oʻktam oʻgʻli'],
    localities: ['Toshkent', 'Samarqand', 'Buxoro', 'Qoʻqon'],
    streets: ['Amir Temur koʻchasi', 'Bobur shohkoʻchasi'],
    office: 'Davlat xizmatlari markazi',
  },
  TJ: {
    language: 'tg',
    female: [
      ['Зебо', 'ZEBO'],
      ['Гулчеҳра', 'GULCHEHRA'],
      ['Мижгона', 'MIJGONA'],
    ],
    male: [
      ['Ҷамшед', 'JAMSHED'],
      ['Ӯктам', 'UKTAM'],
      ['Қосим', 'QOSIM'],
    ],
    familyFemale: [
      ['Пулова', 'PULOVA'],
      ['Ҳакимова', 'HAKIMOVA'],
    ],
    familyMale: [
      ['Пулов', 'PULOV'],
      ['Ҳакимов', 'HAKIMOV'],
    ],
    patronymicFemale: ['Қосимовна', 'Ҷамшедовна'],
    patronymicMale: ['Қосимович', 'Ҷамшедович'],
    localities: ['Душанбе', 'Хуҷанд', 'Кӯлоб', 'Бохтар'],
    streets: ['хиёбони Рӯдакӣ', 'кӯчаи Айнӣ'],
    office: 'Идораи шиноснома ва бақайдгирӣ',
  },
};
