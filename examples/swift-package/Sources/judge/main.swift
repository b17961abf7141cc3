import Foundation
import MyRope
import RoPEConformance

let report = try ConformanceSuite().run(MyRope(), cases: ["*/f32/*/position"])
try report.write(json: "report.jsonl", junit: "report.xml", html: "report.html")
print(report.conclusion)
if !report.conforms { exit(1) }
