#include "grammar/schema.h"

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "grammar/key_table.h"

namespace isola::grammar {

namespace {

// The definition that a value of the shape refers to; records refer to their mapping.
llvm::StringRef definition_of(Shape shape) {
  switch (shape) {
    case Shape::Text:
      return "Text";
    case Shape::Name:
      return "Name";
    case Shape::Path:
      return "Path";
    case Shape::Date:
      return "Date";
    case Shape::Boolean:
      return "Boolean";
    case Shape::Fidelity:
      return "Fidelity";
    case Shape::Action:
      return "Action";
    case Shape::Texts:
      return "Texts";
    case Shape::Settings:
      return "Settings";
    case Shape::Extends:
      return "Extends";
    case Shape::SyscallRules:
    case Shape::AccessRules:
    case Shape::ItemRules:
    case Shape::Tests:
      return "Rules";
    case Shape::Namespaces:
      return "Namespaces";
    case Shape::IdTriples:
      return "IdTriples";
    case Shape::Process:
      return "Process";
    case Shape::IdMap:
      return "IdMap";
    case Shape::Syscalls:
      return "Syscalls";
    case Shape::Labels:
      return "Labels";
    case Shape::Require:
      return "Require";
    case Shape::Capabilities:
      return "CapabilitySets";
    case Shape::Selinux:
      return "SelinuxType";
    case Shape::Mounts:
      return "Mounts";
    case Shape::Waivers:
      return "Waivers";
    case Shape::Children:
      return "Children";
  }
  return "";
}

// Which keys of the document a file may have: those of a policy or those of a bundle.
enum class FileKind { Policy, Bundle };

bool belongs(const KeyInfo& key, FileKind kind) {
  switch (key.presence) {
    case Presence::Optional:
    case Presence::Required:
      return true;
    case Presence::PolicyOnly:
      return kind == FileKind::Policy;
    case Presence::BundleOnly:
      return kind == FileKind::Bundle;
  }
  return false;
}

class SchemaWriter {
 public:
  std::string write() {
    llvm::raw_string_ostream stream(text_);
    llvm::json::OStream json(stream, 2);
    json_ = &json;
    json.object([&] {
      json.attribute("$schema", "https://json-schema.org/draft/2020-12/schema");
      json.attribute("$id", "urn:isola:policy:1");
      json.attribute("title", "isola policy");
      json.attribute("description",
                     "Written from grammar/keys.def. A policy, or a bundle of rules for policies.");
      json.attributeArray("oneOf", [&] {
        json.object([&] { refer("Policy"); });
        json.object([&] { refer("Bundle"); });
      });
      json.attributeObject("$defs", [&] { write_definitions(); });
    });
    stream << '\n';
    return std::move(text_);
  }

 private:
  void refer(llvm::StringRef definition) { json_->attribute("$ref", ("#/$defs/" + definition).str()); }

  void write_definitions() {
    write_document("Policy", "policy", FileKind::Policy);
    write_document("Bundle", "bundle", FileKind::Bundle);
    for (std::size_t index = 0; index < all_mappings().size(); ++index) {
      if (Mapping(index) != Mapping::Document) write_mapping(Mapping(index));
    }
    write_texts();
    write_lists();
    write_choices();
  }

  void write_document(llvm::StringRef definition, llvm::StringRef naming_key, FileKind kind) {
    json_->attributeObject(definition, [&] {
      json_->attribute("description", llvm::StringRef(info(Mapping::Document).doc));
      json_->attribute("type", "object");
      json_->attributeObject("properties", [&] {
        for (const KeyInfo& key : keys_of(Mapping::Document)) {
          if (belongs(key, kind)) write_key(key);
        }
      });
      json_->attributeArray("required", [&] { json_->value(naming_key); });
      json_->attribute("additionalProperties", false);
    });
  }

  void write_mapping(Mapping mapping) {
    json_->attributeObject(info(mapping).name, [&] {
      json_->attribute("description", llvm::StringRef(info(mapping).doc));
      json_->attribute("type", "object");
      json_->attributeObject("properties", [&] {
        for (const KeyInfo& key : keys_of(mapping)) write_key(key);
      });
      json_->attributeArray("required", [&] {
        for (const KeyInfo& key : keys_of(mapping)) {
          if (key.presence == Presence::Required) json_->value(llvm::StringRef(key.name));
        }
      });
      if (mapping == Mapping::Namespace) {
        json_->attribute("minProperties", 1);
        json_->attribute("maxProperties", 1);
      }
      json_->attribute("additionalProperties", false);
    });
  }

  void write_key(const KeyInfo& key) {
    json_->attributeObject(key.name, [&] {
      json_->attribute("description", llvm::StringRef(key.doc));
      refer(definition_of(key.shape));
    });
  }

  // Editors give numbers and truth values their own types; to isola all three are texts.
  void write_texts() {
    json_->attributeObject("Text", [&] {
      json_->attributeArray("type", [&] {
        for (const char* type : {"string", "number", "boolean"}) json_->value(type);
      });
    });
    write_pattern("Name", "^[a-z][a-z0-9_-]*$");
    write_pattern("Path", "^[a-z][a-z0-9_-]*(/[a-z][a-z0-9_-]*)*$");
    write_pattern("Date", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
    write_pattern("Action", "^SCMP_ACT_[A-Z_]+");
    json_->attributeObject("Boolean", [&] {
      json_->attributeArray("enum", [&] {
        json_->value(true);
        json_->value(false);
        json_->value("true");
        json_->value("false");
      });
    });
    json_->attributeObject("Fidelity", [&] {
      json_->attributeArray("enum", [&] {
        for (const char* degree : {"exact", "wider", "narrower", "none"}) json_->value(degree);
      });
    });
  }

  void write_pattern(llvm::StringRef definition, llvm::StringRef pattern) {
    json_->attributeObject(definition, [&] {
      json_->attribute("type", "string");
      json_->attribute("pattern", pattern);
    });
  }

  void write_list(llvm::StringRef definition, llvm::function_ref<void()> item) {
    json_->attributeObject(definition, [&] {
      json_->attribute("type", "array");
      json_->attributeObject("items", item);
    });
  }

  void write_open(llvm::StringRef definition, llvm::StringRef value) {
    json_->attributeObject(definition, [&] {
      json_->attribute("type", "object");
      json_->attributeObject("additionalProperties", [&] { refer(value); });
    });
  }

  void write_lists() {
    write_list("Texts", [&] { refer("Text"); });
    write_list("Rules", [&] { json_->attribute("type", "string"); });
    write_list("Mounts", [&] { refer("Mount"); });
    write_list("Waivers", [&] { refer("Waiver"); });
    write_list("Namespaces", [&] { write_either("Text", "Namespace"); });
    write_list("IdTriples", [&] { write_either("Text", "Texts"); });
    write_open("Settings", "Text");
    write_open("Children", "Child");
  }

  void write_either(llvm::StringRef first, llvm::StringRef second) {
    json_->attributeArray("anyOf", [&] {
      json_->object([&] { refer(first); });
      json_->object([&] { refer(second); });
    });
  }

  void write_choices() {
    json_->attributeObject("CapabilitySets", [&] { write_either("Rules", "Capabilities"); });
    json_->attributeObject("SelinuxType", [&] { write_either("Text", "Selinux"); });
    json_->attributeObject("Extend", [&] { write_either("Text", "CutExtend"); });
    write_list("ExtendList", [&] { refer("Extend"); });
    json_->attributeObject("Extends", [&] { write_either("Extend", "ExtendList"); });
    // `std/net/tcp-server(port: 8080)` without quotes is a mapping to YAML.
    json_->attributeObject("CutExtend", [&] {
      json_->attribute("type", "object");
      json_->attributeObject("patternProperties", [&] {
        json_->attributeObject("^[^()]+\\([^()]+$", [&] { json_->attribute("type", "string"); });
      });
      json_->attribute("minProperties", 1);
      json_->attribute("maxProperties", 1);
      json_->attribute("additionalProperties", false);
    });
  }

  std::string text_;
  llvm::json::OStream* json_ = nullptr;  // lives while write() runs
};

}  // namespace

std::string policy_schema() {
  return SchemaWriter().write();
}

}  // namespace isola::grammar
