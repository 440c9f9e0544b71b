// Shows a policy file as an editor's JSON Schema check sees it, beside what the policy reader finds in it:
//
//   policy_as_json FILE      {"document": ..., "diagnostics": [...]}
//   policy_as_json --mappings    ["a policy", "`process`", ...]   as messages call them
//
// Plain values get the types of YAML 1.2's core schema; to isola itself they stay texts.

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "compiler/base/render.h"
#include "grammar/key_table.h"
#include "grammar/policy_reader.h"

using namespace isola;
using namespace isola::grammar;

static llvm::json::Value to_json(const ScalarText& scalar, ScalarStyle style) {
  const llvm::StringRef text = scalar.decoded();
  if (style != ScalarStyle::Plain) return text.str();
  if (text == "true" || text == "false") return text == "true";
  if (text == "null" || text == "~") return nullptr;
  std::int64_t integer = 0;
  if (!text.getAsInteger(10, integer)) return integer;
  double number = 0;
  if (text.find_first_not_of("0123456789.-") == llvm::StringRef::npos && !text.getAsDouble(number))
    return number;
  return text.str();
}

static llvm::json::Value to_json(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::Null:
      return nullptr;
    case YamlNode::Kind::Scalar:
      return to_json(node.scalar, node.style);
    case YamlNode::Kind::Sequence: {
      llvm::json::Array items;
      for (const YamlNode& item : node.items) items.push_back(to_json(item));
      return items;
    }
    case YamlNode::Kind::Mapping: {
      llvm::json::Object object;
      for (const YamlEntry& entry : node.entries) object[entry.key.scalar.str()] = to_json(entry.value);
      return object;
    }
  }
  return nullptr;
}

static int show_mappings() {
  llvm::json::Array names;
  for (const MappingInfo& mapping : all_mappings()) names.push_back(std::string(mapping.called));
  llvm::outs() << llvm::json::Value(std::move(names)) << '\n';
  return 0;
}

static int show_file(const std::string& path) {
  std::ifstream input(path, std::ios::binary);
  if (!input) {
    std::cerr << "cannot read " << path << '\n';
    return 2;
  }
  SourceManager sources;
  const FileId file =
      sources.add(path, {std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()});
  Diagnostics of_yaml;
  const std::optional<YamlNode> root = read_yaml(sources, file, of_yaml);
  Diagnostics of_policy;
  read_policy(sources, file, of_policy);
  llvm::outs() << "{\"document\": " << (root ? to_json(*root) : llvm::json::Value(nullptr))
               << ", \"diagnostics\": " << render_json(sources, of_policy) << "}\n";
  return 0;
}

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: policy_as_json FILE | --mappings\n";
    return 2;
  }
  const std::string argument = arguments[1];
  return argument == "--mappings" ? show_mappings() : show_file(argument);
}
