#include "app/sandbox/query_text.h"

#include "adapters/sim/cluster_json.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <utility>

namespace arangosync::sandbox {
namespace {

namespace json = sim::json;

struct Token {
  enum class Kind { Word, Quoted, Text, Number, Bind, CollectionBind, Sign, End };
  Kind kind = Kind::End;
  std::string text;
};

bool is_word_part(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }

/// The tokens of a query; nothing if a quote does not end.
std::optional<std::vector<Token>> tokens_of(std::string_view text) {
  using Kind = Token::Kind;
  constexpr std::array two_signs = {"==", "!=", "<=", ">=", "&&"};
  std::vector<Token> tokens;
  std::size_t at = 0;
  auto word_from = [&](std::size_t begin) {
    at = begin;
    while (at < text.size() && is_word_part(text[at])) ++at;
    return std::string(text.substr(begin, at - begin));
  };
  while (at < text.size()) {
    char c = text[at];
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++at;
    } else if (c == '"' || c == '\'' || c == '`') {
      auto end = text.find(c, at + 1);
      if (end == std::string_view::npos) return std::nullopt;
      tokens.push_back({c == '`' ? Kind::Quoted : Kind::Text, std::string(text.substr(at + 1, end - at - 1))});
      at = end + 1;
    } else if (c == '@') {
      bool is_collection = text.substr(at, 2) == "@@";
      std::string name = word_from(at + (is_collection ? 2 : 1));
      tokens.push_back({is_collection ? Kind::CollectionBind : Kind::Bind, name});
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      auto end = text.find_first_not_of("0123456789.eE", at);
      tokens.push_back({Kind::Number, std::string(text.substr(at, std::min(end, text.size()) - at))});
      at = std::min(end, text.size());
    } else if (std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_') {
      tokens.push_back({Kind::Word, word_from(at)});
    } else {
      bool is_double = std::find(two_signs.begin(), two_signs.end(), text.substr(at, 2)) != two_signs.end();
      tokens.push_back({Kind::Sign, std::string(text.substr(at, is_double ? 2 : 1))});
      at += is_double ? 2 : 1;
    }
  }
  tokens.emplace_back();
  return tokens;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// What is not understood is thrown as a line and caught in understand(); nothing else is thrown.
struct NotUnderstood {
  std::string what;
};

class Parser {
public:
  Parser(std::vector<Token> tokens, std::string_view binds) : tokens_(std::move(tokens)), binds_(binds) {}

  PlainQuery query() {
    PlainQuery query;
    if (take_word("RETURN")) {
      if (!take_word("LENGTH")) fail();
      expect("(");
      query.collection = collection();
      expect(")");
      query.counts = true;
      end();
      return query;
    }
    if (!take_word("FOR")) fail();
    variable_ = name();
    if (!take_word("IN")) fail();
    query.collection = collection();
    while (step(query)) {
    }
    if (take_word("COLLECT")) {
      if (!take_word("WITH") || !take_word("COUNT") || !take_word("INTO")) fail();
      std::string counter = name();
      if (!take_word("RETURN") || name() != counter) fail();
      query.counts = true;
    } else {
      if (!take_word("RETURN")) fail();
      query.result = path();
    }
    end();
    return query;
  }

private:
  using Kind = Token::Kind;
  Token const& now() const { return tokens_[at_]; }
  [[noreturn]] void fail() const {
    throw NotUnderstood{now().kind == Kind::End ? "unexpected end of query" : "unexpected '" + now().text + "'"};
  }
  bool take_word(char const* word) {
    if (now().kind != Kind::Word || upper(now().text) != word) return false;
    ++at_;
    return true;
  }
  bool take_sign(char const* sign) {
    if (now().kind != Kind::Sign || now().text != sign) return false;
    ++at_;
    return true;
  }
  void expect(char const* sign) {
    if (!take_sign(sign)) fail();
  }
  void end() {
    static_cast<void>(take_sign(";"));
    if (now().kind != Kind::End) fail();
  }
  std::string name() {
    if (now().kind != Kind::Word && now().kind != Kind::Quoted) fail();
    return tokens_[at_++].text;
  }
  std::string_view bound(std::string const& name) const {
    std::string_view value = json::find(binds_, name);
    if (value.empty()) throw NotUnderstood{"no value specified for declared bind parameter '" + name + "'"};
    return value;
  }
  std::string collection() {
    if (now().kind != Kind::CollectionBind) return name();
    return json::text_of(bound("@" + tokens_[at_++].text));
  }
  AttributePath path() {
    if (now().text != variable_) fail();
    static_cast<void>(name());
    AttributePath path;
    while (true) {
      std::string inner;
      if (take_sign(".")) {
        inner = now().kind == Kind::Bind ? json::text_of(bound(tokens_[at_++].text)) : name();
      } else if (take_sign("[")) {
        inner = json::text_of(value());
        expect("]");
      } else {
        return path;
      }
      if (inner.find('.') != std::string::npos) throw NotUnderstood{"attribute with a dot: '" + inner + "'"};
      path += (path.empty() ? "" : ".") + inner;
    }
  }
  std::string value() {
    Token const token = now();
    if (token.kind == Kind::End) fail();
    ++at_;
    if (token.kind == Kind::Text) return json::quote(token.text);
    if (token.kind == Kind::Number) return token.text;
    if (token.kind == Kind::Bind) return json::compact(bound(token.text));
    if (token.kind == Kind::Sign && token.text == "-" && now().kind == Kind::Number) return "-" + tokens_[at_++].text;
    std::string word = upper(token.text);
    if (token.kind == Kind::Word && word == "NULL") return "null";
    if (token.kind == Kind::Word && (word == "TRUE" || word == "FALSE")) return word == "TRUE" ? "true" : "false";
    --at_;
    fail();
  }
  std::uint64_t number() {
    std::string text = value();
    if (text == "null") return ~std::uint64_t{0};
    auto number = json::to_uint(text);
    if (!number) fail();
    return *number;
  }
  bool step(PlainQuery& query) {
    if (take_word("FILTER")) {
      do {
        QueryStep step;
        step.path = path();
        constexpr std::array signs = {"==", "!=", "<=", ">=", "<", ">"};
        bool is_known = now().kind == Kind::Sign && std::find(signs.begin(), signs.end(), now().text) != signs.end();
        if (!is_known) fail();
        step.comparison = tokens_[at_++].text;
        step.value = value();
        query.steps.push_back(std::move(step));
      } while (take_word("AND") || take_sign("&&"));
      return true;
    }
    if (take_word("SORT")) {
      bool continues = false;
      do {
        QueryStep step;
        step.kind = QueryStep::Kind::Sort;
        step.path = path();
        step.is_descending = take_word("DESC");
        if (!step.is_descending) static_cast<void>(take_word("ASC"));
        step.continues = std::exchange(continues, true);
        query.steps.push_back(std::move(step));
      } while (take_sign(","));
      return true;
    }
    if (!take_word("LIMIT")) return false;
    QueryStep step;
    step.kind = QueryStep::Kind::Limit;
    step.count = number();
    if (take_sign(",")) {
      step.offset = step.count;
      step.count = number();
    }
    query.steps.push_back(std::move(step));
    return true;
  }

  std::vector<Token> tokens_;
  std::string_view binds_;
  std::string variable_;
  std::size_t at_ = 0;
};

/// AQL's order of types: null < bool < number < string < array < object.
int rank(std::string_view value) {
  if (json::is_null(value)) return 0;
  if (value == "true" || value == "false") return 1;
  if (json::is_number(value)) return 2;
  if (json::is_string(value)) return 3;
  return json::is_array(value) ? 4 : 5;
}

/// Less than, equal to or greater than 0, as a is to b.
int compare(std::string_view a, std::string_view b) {
  int types = rank(a) - rank(b);
  if (types != 0) return types;
  if (rank(a) == 2) {
    double left = std::strtod(std::string(a).c_str(), nullptr);
    double right = std::strtod(std::string(b).c_str(), nullptr);
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (rank(a) == 3) return json::text_of(a).compare(json::text_of(b));
  if (rank(a) == 1) return static_cast<int>(a == "true") - static_cast<int>(b == "true");
  return json::equal(a, b) ? 0 : json::compact(a).compare(json::compact(b));
}

bool holds(QueryStep const& step, std::string_view document) {
  int order = compare(value_at(document, step.path), step.value);
  if (step.comparison == "==") return order == 0;
  if (step.comparison == "!=") return order != 0;
  if (step.comparison == "<") return order < 0;
  if (step.comparison == "<=") return order <= 0;
  return step.comparison == ">" ? order > 0 : order >= 0;
}

}  // namespace

Expected<PlainQuery, std::string> understand(std::string_view text, std::string_view bind_variables) {
  auto tokens = tokens_of(text);
  if (!tokens) return unexpected(std::string("unexpected unterminated string literal"));
  try {
    return Parser(std::move(*tokens), bind_variables.empty() ? "{}" : bind_variables).query();
  } catch (NotUnderstood const& problem) {
    return unexpected(problem.what);
  }
}

std::vector<sim::ModelDocumentPtr> run_steps(PlainQuery const& query, std::vector<sim::ModelDocumentPtr> documents) {
  for (std::size_t i = 0; i < query.steps.size(); ++i) {
    QueryStep const& step = query.steps[i];
    if (step.kind == QueryStep::Kind::Filter) {
      std::erase_if(documents, [&](auto const& document) { return !holds(step, document->text); });
    } else if (step.kind == QueryStep::Kind::Limit) {
      auto begin = std::min<std::uint64_t>(step.offset, documents.size());
      auto count = std::min<std::uint64_t>(step.count, documents.size() - begin);
      documents = {documents.begin() + static_cast<std::ptrdiff_t>(begin),
                   documents.begin() + static_cast<std::ptrdiff_t>(begin + count)};
    } else if (!step.continues) {
      std::size_t last = i;
      while (last + 1 < query.steps.size() && query.steps[last + 1].continues) ++last;
      // From the least key to the first one: a stable sort keeps what the lesser ones did.
      for (std::size_t key = last + 1; key-- > i;) {
        QueryStep const& by = query.steps[key];
        std::stable_sort(documents.begin(), documents.end(), [&](auto const& a, auto const& b) {
          int order = compare(value_at(a->text, by.path), value_at(b->text, by.path));
          return by.is_descending ? order > 0 : order < 0;
        });
      }
    }
  }
  return documents;
}

std::string_view value_at(std::string_view document, AttributePath const& path) {
  std::string_view value = document;
  std::string_view rest = path;
  while (!rest.empty()) {
    std::string_view name = rest.substr(0, rest.find('.'));
    value = json::is_object(value) ? json::find(value, name) : std::string_view();
    if (value.empty()) return "null";
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
  }
  return value;
}

}  // namespace arangosync::sandbox
