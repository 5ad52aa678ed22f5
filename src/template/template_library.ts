// Everything that ftl's templates have besides what an inventory adds.
import { DATA_FILTERS } from "./filters/data_filters.ts";
import { DATE_FILTERS } from "./filters/date_filters.ts";
import { DICT_FILTERS } from "./filters/dict_filters.ts";
import { HASH_FILTERS } from "./filters/hash_filters.ts";
import { IP_FILTERS } from "./filters/ip_filters.ts";
import { LIST_FILTERS } from "./filters/list_filters.ts";
import { NUMBER_FILTERS } from "./filters/number_filters.ts";
import { PATH_FILTERS } from "./filters/path_filters.ts";
import { PATH_TESTS } from "./filters/path_tests.ts";
import { QUERY_FILTERS } from "./filters/query_filter.ts";
import { REGEX_FILTERS, REGEX_TESTS } from "./filters/regex_filters.ts";
import { SELECT_FILTERS } from "./filters/select_filters.ts";
import { TEXT_FILTERS } from "./filters/text_filters.ts";
import { URL_FILTERS } from "./filters/url_filters.ts";
import { VALUE_FILTERS } from "./filters/value_filters.ts";
import { VALUE_TESTS } from "./filters/value_tests.ts";
import { VERSION_TESTS } from "./filters/version_tests.ts";
import { LOOKUPS } from "./lookups/lookups.ts";
import { FUNCTIONS } from "./run/functions.ts";
import type { TemplateLibrary } from "./run/library_types.ts";

/** The library of all templates. */
export const LIBRARY: TemplateLibrary = {
  filters: new Map(Object.entries({
    ...TEXT_FILTERS,
    ...LIST_FILTERS,
    ...DICT_FILTERS,
    ...SELECT_FILTERS,
    ...VALUE_FILTERS,
    ...NUMBER_FILTERS,
    ...REGEX_FILTERS,
    ...DATA_FILTERS,
    ...HASH_FILTERS,
    ...PATH_FILTERS,
    ...URL_FILTERS,
    ...DATE_FILTERS,
    ...IP_FILTERS,
    ...QUERY_FILTERS,
  })),
  tests: new Map(Object.entries({
    ...VALUE_TESTS,
    ...REGEX_TESTS,
    ...VERSION_TESTS,
    ...PATH_TESTS,
  })),
  functions: FUNCTIONS,
  lookups: LOOKUPS,
};
