// Diagnostics as JSON and as SARIF 2.1.0. Text is in render.cpp.
//
// Objects are written in a fixed order by a streaming writer: the same findings give the same bytes.

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include <set>

#include "compiler/base/render.h"

namespace isola {

namespace {

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return "error";
    case Severity::Warning:
      return "warning";
    case Severity::Note:
      return "note";
  }
  return "none";
}

// JSON text must be UTF-8; a policy that is not is shown with replacement characters.
std::string utf8(llvm::StringRef text) {
  return llvm::json::isUTF8(text) ? text.str() : llvm::json::fixUTF8(text);
}

void write_range(llvm::json::OStream& json, const SourceManager& sources, SourceRange range) {
  const LineColumn begin = sources.line_column(range.file, range.begin);
  const LineColumn end = sources.line_column(range.file, range.end);
  json.attribute("file", utf8(sources.name(range.file)));
  json.attribute("byte_begin", range.begin);
  json.attribute("byte_end", range.end);
  json.attribute("line", begin.line);
  json.attribute("column", begin.column);
  json.attribute("end_line", end.line);
  json.attribute("end_column", end.column);
}

void write_record(llvm::json::OStream& json, const SourceManager& sources, const Diagnostic& diagnostic) {
  json.object([&] {
    json.attribute("code", llvm::StringRef(info(diagnostic.kind).code));
    json.attribute("name", llvm::StringRef(info(diagnostic.kind).name));
    json.attribute("severity", llvm::StringRef(severity_name(diagnostic.severity)));
    json.attribute("message", utf8(diagnostic.message));
    if (diagnostic.range.is_known()) {
      json.attributeObject("range", [&] { write_range(json, sources, diagnostic.range); });
      json.attribute("underlined", utf8(sources.text(diagnostic.range)));
    }
    json.attributeArray("labels", [&] {
      for (const Label& label : diagnostic.labels) {
        json.object([&] {
          json.attribute("text", utf8(label.text));
          if (label.range.is_known())
            json.attributeObject("range", [&] { write_range(json, sources, label.range); });
        });
      }
    });
    json.attributeArray("suggestions", [&] {
      for (const Suggestion& suggestion : diagnostic.suggestions) {
        json.object([&] {
          if (suggestion.range.is_known()) {
            json.attributeObject("range", [&] { write_range(json, sources, suggestion.range); });
          }
          json.attribute("replacement", utf8(suggestion.replacement));
        });
      }
    });
    json.attributeArray("helps", [&] {
      for (const std::string& help : diagnostic.helps) json.value(utf8(help));
    });
  });
}

// SARIF artifact locations are URI references: everything outside the unreserved set is percent-encoded.
std::string to_uri(llvm::StringRef path) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri;
  for (const char byte : path) {
    const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                          (byte >= '0' && byte <= '9') || llvm::StringRef("/._-~").contains(byte);
    if (is_plain) {
      uri += byte;
    } else {
      const auto value = static_cast<unsigned char>(byte);
      uri += {'%', kHex[value >> 4], kHex[value & 15]};
    }
  }
  return uri;
}

// Columns are code points (the run says columnKind unicodeCodePoints), all numbers from 1, ends exclusive.
void write_region(llvm::json::OStream& json, const SourceManager& sources, SourceRange range) {
  const LineColumn begin = sources.line_column(range.file, range.begin);
  const LineColumn end = sources.line_column(range.file, range.end);
  json.attribute("startLine", begin.line);
  json.attribute("startColumn", begin.column);
  json.attribute("endLine", end.line);
  json.attribute("endColumn", end.column);
}

void write_location(llvm::json::OStream& json, const SourceManager& sources, SourceRange range,
                    llvm::StringRef message) {
  json.object([&] {
    json.attributeObject("physicalLocation", [&] {
      json.attributeObject("artifactLocation",
                           [&] { json.attribute("uri", to_uri(sources.name(range.file))); });
      json.attributeObject("region", [&] { write_region(json, sources, range); });
    });
    if (!message.empty()) json.attributeObject("message", [&] { json.attribute("text", utf8(message)); });
  });
}

void write_fix(llvm::json::OStream& json, const SourceManager& sources, const Suggestion& suggestion) {
  json.object([&] {
    json.attributeArray("artifactChanges", [&] {
      json.object([&] {
        json.attributeObject("artifactLocation",
                             [&] { json.attribute("uri", to_uri(sources.name(suggestion.range.file))); });
        json.attributeArray("replacements", [&] {
          json.object([&] {
            json.attributeObject("deletedRegion", [&] { write_region(json, sources, suggestion.range); });
            json.attributeObject("insertedContent",
                                 [&] { json.attribute("text", utf8(suggestion.replacement)); });
          });
        });
      });
    });
  });
}

void write_result(llvm::json::OStream& json, const SourceManager& sources, const Diagnostic& diagnostic) {
  json.object([&] {
    json.attribute("ruleId", llvm::StringRef(info(diagnostic.kind).code));
    json.attribute("level", llvm::StringRef(severity_name(diagnostic.severity)));
    std::string text = diagnostic.message;
    for (const std::string& help : diagnostic.helps) text += "\nhelp: " + help;
    json.attributeObject("message", [&] { json.attribute("text", utf8(text)); });
    if (diagnostic.range.is_known()) {
      json.attributeArray("locations", [&] { write_location(json, sources, diagnostic.range, ""); });
    }
    json.attributeArray("relatedLocations", [&] {
      for (const Label& label : diagnostic.labels) {
        if (label.range.is_known()) write_location(json, sources, label.range, label.text);
      }
    });
    json.attributeArray("fixes", [&] {
      for (const Suggestion& suggestion : diagnostic.suggestions) {
        if (suggestion.range.is_known()) write_fix(json, sources, suggestion);
      }
    });
  });
}

// The rules that the results of this run refer to, by code.
void write_rules(llvm::json::OStream& json, llvm::ArrayRef<Diagnostic> ordered) {
  std::set<DiagnosticKind> seen;
  for (const Diagnostic& diagnostic : ordered) seen.insert(diagnostic.kind);
  for (const DiagnosticKind kind : seen) {
    const DiagnosticInfo& entry = info(kind);
    json.object([&] {
      json.attribute("id", llvm::StringRef(entry.code));
      json.attribute("name", llvm::StringRef(entry.name));
      json.attributeObject("shortDescription",
                           [&] { json.attribute("text", llvm::StringRef(entry.message)); });
      json.attributeObject("fullDescription",
                           [&] { json.attribute("text", llvm::StringRef(entry.explanation).trim()); });
    });
  }
}

}  // namespace

std::string render_json(const SourceManager& sources, const Diagnostics& diagnostics) {
  std::string rendered;
  llvm::raw_string_ostream stream(rendered);
  llvm::json::OStream json(stream, /*IndentSize=*/2);
  json.array([&] {
    for (const Diagnostic& diagnostic : diagnostics.sorted()) write_record(json, sources, diagnostic);
  });
  stream << '\n';
  return rendered;
}

std::string render_sarif(const SourceManager& sources, const Diagnostics& diagnostics,
                         llvm::StringRef version) {
  const std::vector<Diagnostic> ordered = diagnostics.sorted();
  std::string rendered;
  llvm::raw_string_ostream stream(rendered);
  llvm::json::OStream json(stream, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json.attribute("version", "2.1.0");
    json.attributeArray("runs", [&] {
      json.object([&] {
        json.attributeObject("tool", [&] {
          json.attributeObject("driver", [&] {
            json.attribute("name", "isola");
            json.attribute("semanticVersion", version);
            json.attributeArray("rules", [&] { write_rules(json, ordered); });
          });
        });
        json.attribute("columnKind", "unicodeCodePoints");
        json.attributeArray("results", [&] {
          for (const Diagnostic& diagnostic : ordered) write_result(json, sources, diagnostic);
        });
      });
    });
  });
  stream << '\n';
  return rendered;
}

}  // namespace isola
