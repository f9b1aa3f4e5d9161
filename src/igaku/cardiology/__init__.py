"""Research models of cardiology: 12-lead electrocardiograms and coronary angiograms. Not medical devices."""

RESEARCH = "Research tool: not a medical device, not for diagnosis or treatment. 研究用です。診断や治療には使えません。"
