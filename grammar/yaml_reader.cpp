// Runs yaml-cpp over a file and hands its events to YamlTreeBuilder. The only file that includes yaml-cpp.
//
// Its event interface rather than its Node: events keep duplicate keys and aliases apart, and take a sixth of
// the memory. Its exceptions end here; none of their words reach the user.

#include "grammar/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <streambuf>

#include "grammar/yaml_builder.h"
#include "grammar/yaml_bytes.h"
#include "grammar/yaml_failure.h"

namespace isola::grammar {

namespace {

// Reads a text in place. The text outlives the buffer.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(llvm::StringRef text) {
    char* begin = const_cast<char*>(text.data());  // the get area of a stream that is only read
    setg(begin, begin, begin + text.size());
  }
};

class EventAdapter : public YAML::EventHandler {
 public:
  // `base` is added to yaml-cpp's offsets: it counts from behind the byte order mark.
  EventAdapter(YamlTreeBuilder& builder, std::uint32_t base) : builder_(builder), base_(base) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.add_null(offset(mark), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.add_alias(offset(mark), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& value) override {
    builder_.add_scalar(offset(mark), anchor, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    builder_.start_collection(YamlNode::Kind::Sequence, offset(mark), anchor);
  }
  void OnSequenceEnd() override { builder_.end_collection(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    builder_.start_collection(YamlNode::Kind::Mapping, offset(mark), anchor);
  }
  void OnMapEnd() override { builder_.end_collection(); }

  std::uint32_t offset(const YAML::Mark& mark) const {
    return mark.pos < 0 ? builder_.cursor() : base_ + static_cast<std::uint32_t>(mark.pos);
  }

 private:
  YamlTreeBuilder& builder_;  // outlives the adapter: both live for one call of read_yaml
  std::uint32_t base_;
};

struct FailureMessage {
  const char* message;
  YamlFailure failure;
};

// yaml-cpp tells its failures apart by text alone; some go on with a detail. Source: yaml-cpp/exceptions.h,
// 0.7.0.
const FailureMessage kFailureMessages[] = {
    {YAML::ErrorMsg::END_OF_MAP_FLOW, YamlFailure::UnclosedBracket},
    {YAML::ErrorMsg::END_OF_SEQ_FLOW, YamlFailure::UnclosedBracket},
    {YAML::ErrorMsg::END_OF_MAP, YamlFailure::Indentation},
    {YAML::ErrorMsg::END_OF_SEQ, YamlFailure::Indentation},
    {YAML::ErrorMsg::MAP_KEY, YamlFailure::Indentation},
    {YAML::ErrorMsg::FLOW_END, YamlFailure::StrayBracket},
    {YAML::ErrorMsg::INVALID_HEX, YamlFailure::Escape},
    {YAML::ErrorMsg::INVALID_UNICODE, YamlFailure::Escape},
    {YAML::ErrorMsg::INVALID_ESCAPE, YamlFailure::Escape},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, YamlFailure::StartOfValue},
    {YAML::ErrorMsg::DOC_IN_SCALAR, YamlFailure::Quote},
    {YAML::ErrorMsg::EOF_IN_SCALAR, YamlFailure::Quote},
    {YAML::ErrorMsg::TAB_IN_INDENTATION, YamlFailure::Tab},
    {YAML::ErrorMsg::MAP_VALUE, YamlFailure::SecondColon},
    {YAML::ErrorMsg::BLOCK_ENTRY, YamlFailure::ListOnKeyLine},
    {YAML::ErrorMsg::UNKNOWN_ANCHOR, YamlFailure::Anchor},
    {YAML::ErrorMsg::ALIAS_NOT_FOUND, YamlFailure::Anchor},
    {YAML::ErrorMsg::ANCHOR_NOT_FOUND, YamlFailure::Anchor},
    {YAML::ErrorMsg::CHAR_IN_ALIAS, YamlFailure::Anchor},
    {YAML::ErrorMsg::CHAR_IN_ANCHOR, YamlFailure::Anchor},
    {YAML::ErrorMsg::MULTIPLE_ANCHORS, YamlFailure::Anchor},
    {YAML::ErrorMsg::ZERO_INDENT_IN_BLOCK, YamlFailure::BlockHeader},
    {YAML::ErrorMsg::CHAR_IN_BLOCK, YamlFailure::BlockHeader},
    {YAML::ErrorMsg::CHAR_IN_TAG_HANDLE, YamlFailure::Tag},
    {YAML::ErrorMsg::TAG_WITH_NO_SUFFIX, YamlFailure::Tag},
    {YAML::ErrorMsg::END_OF_VERBATIM_TAG, YamlFailure::Tag},
    {YAML::ErrorMsg::MULTIPLE_TAGS, YamlFailure::Tag},
    {YAML::ErrorMsg::YAML_DIRECTIVE_ARGS, YamlFailure::Directive},
    {YAML::ErrorMsg::YAML_VERSION, YamlFailure::Directive},
    {YAML::ErrorMsg::YAML_MAJOR_VERSION, YamlFailure::Directive},
    {YAML::ErrorMsg::REPEATED_YAML_DIRECTIVE, YamlFailure::Directive},
    {YAML::ErrorMsg::TAG_DIRECTIVE_ARGS, YamlFailure::Directive},
    {YAML::ErrorMsg::REPEATED_TAG_DIRECTIVE, YamlFailure::Directive},
};

YamlFailure classify(llvm::StringRef message) {
  for (const FailureMessage& known : kFailureMessages) {
    if (message.starts_with(known.message)) return known.failure;
  }
  return YamlFailure::Other;
}

}  // namespace

std::optional<YamlNode> read_yaml(const SourceManager& sources, FileId file, Diagnostics& diagnostics) {
  const llvm::StringRef text = sources.text(file);
  if (!check_bytes(text, file, diagnostics)) return std::nullopt;
  const auto base = static_cast<std::uint32_t>(byte_order_mark(text));
  YamlTreeBuilder builder(text, file, base, diagnostics);
  EventAdapter adapter(builder, base);
  TextBuffer buffer(text.drop_front(base));
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(adapter);
  } catch (const YAML::Exception& failure) {
    if (!builder.is_stopped()) {
      const YamlFailurePlace place{.file = file,
                                   .offset = adapter.offset(failure.mark),
                                   .last_quoted = builder.last_quoted(),
                                   .open_bracket = builder.open_bracket()};
      report_failure(text, classify(failure.msg), place, diagnostics);
    }
    return std::nullopt;
  }
  return builder.finish();
}

}  // namespace isola::grammar
